//! Hands the version of RSTSR that is built here, and that of the compiler, to the adapter's identity.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let manifest = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    // Built as a dependency of another project, this package may lie outside of the folder with the lock file.
    let lock = Path::new(&manifest).ancestors().map(|folder| folder.join("Cargo.lock")).find(|path| path.exists());
    let version = lock.and_then(|path| {
        println!("cargo::rerun-if-changed={}", path.display());
        locked_version(&fs::read_to_string(path).ok()?, "rstsr")
    });
    println!("cargo::rustc-env=RSTSR_VERSION={}", version.as_deref().unwrap_or("unknown"));
    println!("cargo::rustc-env=RUST_VERSION={}", compiler_version().as_deref().unwrap_or("unknown"));
}

/// The version of `package` in the text of a lock file.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{package}\""));
    Some(lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

/// The compiler's version, such as `1.95.0`.
fn compiler_version() -> Option<String> {
    let output = Command::new(env::var_os("RUSTC")?).arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.split_whitespace().nth(1)?.to_owned())
}
