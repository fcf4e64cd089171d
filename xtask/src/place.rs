//! The folders that the tool writes to: `target/` in the repository, the user's cache elsewhere.

use std::path::{Path, PathBuf};

/// The root of the repository, if the tool was started by `cargo xtask`.
pub fn workspace() -> Option<PathBuf> {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
    let root = manifest.parent()?.to_owned();
    root.join("spec/functions").is_dir().then_some(root)
}

/// The folder for Python environments and other state.
pub fn state() -> PathBuf {
    if let Some(root) = workspace() {
        return std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    }
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    cache.map_or_else(|| PathBuf::from("target"), |cache| cache.join("array-assay"))
}

/// Resolves a path of the command line. In the repository a path below `target` is relative to the repository's root, so that
/// `cargo xtask` writes to the same place from every folder.
pub fn resolve(path: &Path) -> PathBuf {
    match workspace() {
        Some(root) if path.is_relative() && path.starts_with("target") => root.join(path),
        _ => path.to_owned(),
    }
}
