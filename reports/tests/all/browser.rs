//! The site in Chromium: filters, links, widths, colours, and what axe finds. Skipped where Chromium, Node or the packages cannot be had.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sample;

/// The folder of the test's own script.
const BROWSER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser");

/// A Chromium: the one that `ARRAY_ASSAY_CHROMIUM` names, or one of the usual names in the path.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ARRAY_ASSAY_CHROMIUM") {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}

/// The script with its packages, whose versions and hashes are those of `package-lock.json`. An error says why they cannot be had.
fn script() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).unwrap();
    let lock = |at: &Path| std::fs::read(at.join("package-lock.json")).ok();
    let installed = folder.join("node_modules/axe-core/axe.min.js").is_file() && lock(&folder) == lock(Path::new(BROWSER));
    for file in ["package.json", "package-lock.json", "site.mjs"] {
        std::fs::copy(Path::new(BROWSER).join(file), folder.join(file)).unwrap();
    }
    if !installed {
        let install = Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder).output();
        let output = install.map_err(|error| format!("npm does not start: {error}"))?;
        if !output.status.success() {
            let _ = std::fs::remove_file(folder.join("package-lock.json"));
            return Err(format!("npm ci failed: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    Ok(folder.join("site.mjs"))
}

#[test]
fn the_site_works_in_a_browser() {
    let Some(chromium) = chromium() else {
        println!("skipped: there is no Chromium in the path, and ARRAY_ASSAY_CHROMIUM names none");
        return;
    };
    let script = match script() {
        Ok(script) => script,
        Err(why) => return println!("skipped: {why}"),
    };
    let sampled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site-in-browser");
    let [mut old, new] = [sample::run("numpy"), sample::run("numpy")];
    old.header.backend.version = "1.26.4".to_owned();
    let mut runs = sample::three().to_vec();
    runs.retain(|run| run.header.backend.name != "numpy");
    runs.extend([old, new]);
    sample::site(&runs, &sampled).unwrap();
    let output = match Command::new("node").arg(&script).arg(&sampled).arg(&chromium).output() {
        Ok(output) => output,
        Err(error) => return println!("skipped: node does not start: {error}"),
    };
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    println!("{said}");
}
