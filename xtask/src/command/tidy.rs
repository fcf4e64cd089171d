//! `tidy`: the repository's own rules.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::exit::{Error, Exit};
use crate::place;

/// Lines at which a file is asked whether it is two subjects.
const LONGEST: usize = 800;

/// Words that mark unfinished work. Split, so that this file does not find itself.
const UNFINISHED: [&str; 4] = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("FIX", "ME"), concat!("#[ig", "nore")];

/// Checks every file that git tracks or would track.
pub fn run() -> Result<Exit, Error> {
    let root = place::workspace().ok_or_else(|| Error::Usage("tidy up: start it as `cargo xtask tidy` in the repository".to_owned()))?;
    let mut faults = Vec::new();
    for path in files(&root)? {
        let Ok(text) = std::fs::read_to_string(root.join(&path)) else { continue };
        faults.extend(faults_of(&path, &text));
    }
    for file in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", ".ci/run"] {
        if !root.join(file).is_file() {
            faults.push(format!("{file}: missing"));
        }
    }
    for fault in &faults {
        println!("{fault}");
    }
    println!("{} faults", faults.len());
    Ok(if faults.is_empty() { Exit::Success } else { Exit::Deviations })
}

fn files(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let listing = Command::new("git").current_dir(root).args(["ls-files", "--cached", "--others", "--exclude-standard"]).output();
    let listing = listing.map_err(|e| Error::Fault(format!("list the files with git: {e}")))?;
    Ok(String::from_utf8_lossy(&listing.stdout).lines().map(PathBuf::from).collect())
}

fn faults_of(path: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let name = path.display();
    let is_code = path.extension().is_some_and(|e| e == "rs" || e == "py");
    for (i, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) && path.extension().is_none_or(|e| e != "md") {
            faults.push(format!("{name}:{}: trailing white space", i + 1));
        }
        if is_code && UNFINISHED.iter().any(|mark| line.contains(mark)) {
            faults.push(format!("{name}:{}: unfinished work", i + 1));
        }
    }
    if path.extension().is_some_and(|e| e == "rs") {
        if !text.starts_with("//!") {
            faults.push(format!("{name}:1: the file does not say what it is (a `//!` line)"));
        }
        if text.lines().count() > LONGEST {
            faults.push(format!("{name}: more than {LONGEST} lines; is it two subjects?"));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        faults.push(format!("{name}: no newline at its end"));
    }
    faults
}
