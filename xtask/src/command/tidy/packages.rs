//! The crates to publish: `cargo package` has to succeed for each, in the order in which they depend on each other.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::exit::Error;

/// The faults of the workspace's crates that keep them from being published.
pub fn faults(root: &Path) -> Result<Vec<String>, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = |arguments: &[&str]| {
        let output = Command::new(&cargo).current_dir(root).args(arguments).output();
        output.map_err(|e| Error::Fault(format!("start cargo {}: {e}", arguments[0])))
    };
    let described = output(&["metadata", "--no-deps", "--format-version=1"])?;
    let metadata: Value =
        serde_json::from_slice(&described.stdout).map_err(|e| Error::Fault(format!("read what cargo metadata says: {e}")))?;
    let crates: Vec<Crate> = metadata["packages"].as_array().into_iter().flatten().filter_map(Crate::of).collect();
    let mut faults = unready(&crates);
    if faults.is_empty() {
        // What is packed is resolved as from a registry, each crate after those that it depends on. To build it again takes minutes, and
        // the release does that; what a build could miss are files outside of the package, which the rules above know.
        let mut arguments = vec!["package", "--no-verify", "--allow-dirty", "--offline", "--quiet"];
        arguments.extend(crates.iter().filter(|one| one.is_published).flat_map(|one| ["--package", &one.name]));
        let packed = output(&arguments)?;
        if !packed.status.success() {
            faults.push(format!("cargo package fails:\n{}", String::from_utf8_lossy(&packed.stderr).trim_end()));
        }
    }
    Ok(faults)
}

/// A crate of the workspace.
struct Crate {
    name: String,
    folder: PathBuf,
    is_published: bool,
    /// What it says of itself on crates.io.
    is_described: bool,
    /// The crates of the workspace that it is built from, each with whether a version of it is named.
    dependencies: Vec<(String, bool)>,
}

impl Crate {
    fn of(package: &Value) -> Option<Crate> {
        let says = |key: &str| package[key].as_str().is_some_and(|text| !text.is_empty());
        let of_workspace = |dependency: &&Value| dependency["path"].is_string() && dependency["kind"] != "dev";
        let dependency = |dependency: &Value| Some((dependency["name"].as_str()?.to_owned(), dependency["req"] != "*"));
        Some(Crate {
            name: package["name"].as_str()?.to_owned(),
            folder: Path::new(package["manifest_path"].as_str()?).parent()?.to_owned(),
            is_published: package["publish"].as_array().is_none_or(|registries| !registries.is_empty()),
            is_described: says("description") && says("license") && says("repository"),
            dependencies: package["dependencies"].as_array()?.iter().filter(of_workspace).filter_map(dependency).collect(),
        })
    }
}

/// What keeps the crates to publish from being published.
fn unready(crates: &[Crate]) -> Vec<String> {
    let published: BTreeSet<&str> = crates.iter().filter(|one| one.is_published).map(|one| one.name.as_str()).collect();
    let mut faults = Vec::new();
    for one in crates.iter().filter(|one| one.is_published) {
        let name = &one.name;
        if !one.is_described {
            faults.push(format!("{name}: a crate to publish has a description, a license and a repository"));
        }
        for (dependency, has_version) in &one.dependencies {
            if !published.contains(dependency.as_str()) {
                faults.push(format!("{name}: it depends on {dependency}, which is not published"));
            } else if !has_version {
                faults.push(format!("{name}: it names no version of {dependency}; write one in the Cargo.toml of the workspace"));
            }
        }
        let files = ["src", "build.rs"].map(|place| sources(&one.folder.join(place))).concat();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let outside = included(&text).into_iter().filter(|path| leaves(&one.folder, &file, path));
            faults.extend(outside.map(|path| format!("{}: it includes {path}, which is not in the package of {name}", file.display())));
        }
    }
    faults
}

/// The sources below a folder, or the file itself.
fn sources(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "rs")).flat_map(|path| sources(&path)).collect()
}

/// The paths of the files that a source includes.
fn included(text: &str) -> Vec<&str> {
    let calls =
        text.split("include").skip(1).filter_map(|rest| rest.split_once("!(\"").filter(|(kind, _)| ["", "_str", "_bytes"].contains(kind)));
    calls.filter_map(|(_, rest)| rest.split_once('"').map(|(path, _)| path)).collect()
}

/// Whether a path that is relative to a file lies outside of a folder.
fn leaves(folder: &Path, file: &Path, path: &str) -> bool {
    let mut at = file.parent().unwrap_or(folder).to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => drop(at.pop()),
            part => at.push(part),
        }
    }
    !at.starts_with(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_crate_from_being_published_is_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("src/inner")).unwrap();
        let source = "const A: &str = include_str!(\"../../a.yaml\");\nconst B: &[u8] = include_bytes!(\"../../../b.bin\");";
        std::fs::write(dir.path().join("src/inner/mod.rs"), source).unwrap();
        let one = |name: &str, is_published: bool, dependencies: &[(&str, bool)]| Crate {
            name: name.to_owned(),
            folder: dir.path().join(name),
            is_published,
            is_described: name != "bare",
            dependencies: dependencies.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect(),
        };
        assert!(unready(&[one("a", true, &[("b", true)]), one("b", true, &[]), one("c", false, &[("a", false)])]).is_empty());
        let crates = [
            one("a", true, &[("b", false), ("c", true)]),
            one("b", true, &[]),
            one("bare", true, &[]),
            one("c", false, &[]),
            Crate { folder: dir.path().to_owned(), ..one("d", true, &[]) },
        ];
        let told = unready(&crates);
        let says = |i: usize, of: &str| assert!(told[i].contains(of), "{told:#?}");
        assert_eq!(told.len(), 4, "{told:#?}");
        says(0, "a: it names no version of b");
        says(1, "a: it depends on c, which is not published");
        says(2, "bare: a crate to publish has a description");
        says(3, "it includes ../../../b.bin, which is not in the package of d");
    }
}
