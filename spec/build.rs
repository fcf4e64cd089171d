//! Lists the profiles of consumers, so that they are built in. There are many, and a command writes them.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = root.join("consumers");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths = Vec::new();
    for version in entries(&folder)? {
        println!("cargo::rerun-if-changed={}", version.display());
        paths.extend(entries(&version)?.into_iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")));
    }
    let mut text = "&[\n".to_owned();
    for path in paths {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string().replace('\\', "/");
        text += &format!("    ({name:?}, include_str!({:?})),\n", path.display().to_string());
    }
    text += "]\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("profiles.rs"), text)
}

/// What a folder holds, sorted. A folder that does not exist holds nothing.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let listing = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing?,
    };
    let mut paths = listing.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
