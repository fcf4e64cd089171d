//! `wheel`: the command line as a Python wheel, built by maturin and tried in a new environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// The functions that the new environment judges.
const SELECTED: &str = "elementwise/sign*";

/// Builds it, and tries it.
pub fn run(options: &cli::Wheel) -> Result<Exit, Error> {
    let root =
        place::workspace().ok_or_else(|| Error::Usage("build the wheel: start it as `cargo xtask wheel` in the repository".to_owned()))?;
    let out = place::resolve(&options.out);
    let wheel = build(&root, &options.profile, &out)?;
    let size = std::fs::metadata(&wheel).map_or(0, |file| file.len());
    print_line!("{} ({:.1} MB)", wheel.display(), size as f64 / 1e6);
    try_out(&wheel, &out)?;
    print_line!("tried in a new environment: the program, the module and the pytest plugin");
    Ok(Exit::Success)
}

/// Has maturin build the wheel, by the profile of cargo, in place of any that `out` holds.
fn build(root: &Path, profile: &str, out: &Path) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(out).map_err(|source| Error::File { what: "create the folder", path: out.to_owned(), source })?;
    for old in wheels(out)? {
        std::fs::remove_file(&old).map_err(|source| Error::File { what: "remove the old wheel", path: old, source })?;
    }
    let python = array_assay_python::tools("maturin", &place::state(), &mut |line| warn_line!("{line}"))?;
    let mut maturin = Command::new(python);
    maturin.args(["-I", "-m", "maturin", "build", "--locked", "--profile", profile, "--out"]).arg(absolute(out)?);
    // What `cargo xtask` set for this program would be wrong of the one that is built.
    maturin.current_dir(root.join("xtask")).env_remove("CARGO_MANIFEST_DIR");
    ran(&mut maturin, "build the wheel with maturin")?;
    let found = wheels(out)?;
    found.into_iter().next().ok_or_else(|| Error::Fault(format!("find the wheel: maturin left none in {}", out.display())))
}

/// Installs the wheel in a new environment, and uses all that it has.
fn try_out(wheel: &Path, out: &Path) -> Result<(), Error> {
    let folder = out.join("environment");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|source| Error::File { what: "remove the old", path: folder.clone(), source })?;
    }
    let python = array_assay_python::with_wheel("package", wheel, &folder, &place::state())?;
    // It lies in the environment, beside the interpreter.
    let program = python.with_file_name(format!("array-assay{}", std::env::consts::EXE_SUFFIX));
    let home = absolute(&out.join("try"))?;
    std::fs::create_dir_all(&home).map_err(|source| Error::File { what: "create the folder", path: home.clone(), source })?;
    let select = format!("--select={SELECTED}");
    let plugin = format!("--array-assay-select={SELECTED}");
    let version = output(&program, &["--version"], &home)?;
    let module = output(&python, &["-m", "array_assay", "--version"], &home)?;
    if version.trim() != concat!("array-assay ", env!("CARGO_PKG_VERSION")) || version != module {
        return Err(Error::Fault(format!("try the wheel: the program says `{}`, the module `{}`", version.trim(), module.trim())));
    }
    output(&program, &["conform", "numpy", &select, "--cases=100"], &home)?;

    let listed = output(&python, &["-m", "pytest", "--array-assay=numpy", &plugin, "--collect-only", "-q"], &home)?;
    let judged = output(&python, &["-m", "pytest", "--array-assay=numpy", &plugin, "--array-assay-cases=100"], &home)?;
    if !listed.contains("array-assay::numpy::elementwise/sign::value") || !judged.contains(" passed") {
        return Err(Error::Fault(format!("try the wheel: pytest says\n{listed}\n{judged}")));
    }
    Ok(())
}

/// What a program of the environment prints, run as by a user who has neither this repository nor cargo.
fn output(program: &Path, args: &[&str], home: &Path) -> Result<String, Error> {
    let mut command = Command::new(program);
    command.args(args).current_dir(home).env("XDG_CACHE_HOME", home.join("cache"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO")) {
        command.env_remove(name);
    }
    let called = || std::iter::once(program.as_os_str()).chain(args.iter().map(OsStr::new)).map(OsStr::to_string_lossy);
    let what = called().collect::<Vec<_>>().join(" ");
    let output = command.output().map_err(|error| Error::Fault(format!("try the wheel: start {what}: {error}")))?;
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        return Ok(said.into_owned());
    }
    Err(Error::Fault(format!("try the wheel: {what} ended with {}:\n{said}{errors}", output.status)))
}

fn ran(command: &mut Command, what: &str) -> Result<(), Error> {
    let status = command.status().map_err(|error| Error::Fault(format!("{what}: {error}")))?;
    if status.success() { Ok(()) } else { Err(Error::Fault(format!("{what}: it ended with {status}"))) }
}

fn wheels(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(|source| Error::File { what: "list", path: folder.to_owned(), source })?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| path.extension().is_some_and(|extension| extension == "whl")).collect())
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|source| Error::File { what: "resolve", path: path.to_owned(), source })
}
