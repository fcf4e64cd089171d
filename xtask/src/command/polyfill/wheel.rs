//! `polyfill --wheel`: the Python package as a wheel, tried in a new environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use array_assay_polyfills::python::PACKAGE;

use super::{package, write_all};
use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// Pyright with its own Node.js in the wheel: the package `pyright` downloads one when it starts.
const CHECKER: &str = "basedpyright";

/// Builds the wheel with pip, installs it in a new environment beside the libraries, and runs its tests, its doctests, mypy and pyright there.
pub fn run(options: &cli::Polyfill, out: &Path) -> Result<Exit, Error> {
    let out = absolute(&place::resolve(out))?;
    let source = out.join("source");
    let environment = out.join("environment");
    for folder in [&source, &environment] {
        if folder.exists() {
            std::fs::remove_dir_all(folder).map_err(|source| Error::File { what: "remove the old", path: folder.clone(), source })?;
        }
    }
    write_all(&source, &package(&options.results)?)?;
    let python = options.python.clone().unwrap_or_else(|| PathBuf::from("python3"));
    let text = |path: &Path| path.as_os_str().to_owned();
    let words = |words: &[&str]| words.iter().map(|word| OsStr::new(word).to_owned()).collect::<Vec<_>>();
    let build = [words(&["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]), vec![text(&out), text(&source)]].concat();
    ran(Command::new(&python).args(build), "build the wheel with pip")?;
    let wheel = built(&out)?;
    ran(Command::new(&python).args(words(&["-m", "venv"])).arg(&environment), "make an environment")?;
    let inside = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let libraries: Vec<&str> = options.with.iter().map(String::as_str).collect();
    let install =
        [words(&["-m", "pip", "install", "--quiet"]), words(&libraries), words(&["pytest", "mypy", CHECKER]), vec![text(&wheel)]].concat();
    ran(Command::new(&inside).args(install), "install the wheel and the libraries")?;
    let tests = source.join("tests");
    ran(
        Command::new(&inside).args(["-m", "pytest", "-q", "-p", "no:warnings"]).arg(&tests).current_dir(&out),
        "run the tests of the package",
    )?;
    let typed = tests.join("typed.py");
    let whole = ["-m", "mypy", "--strict", "-p", PACKAGE];
    ran(Command::new(&inside).args(whole).current_dir(&out), "check the types of the package")?;
    ran(Command::new(&inside).args(["-m", "mypy", "--strict"]).arg(&typed).current_dir(&out), "check the types of a file that uses it")?;
    // The interpreter whose libraries it looks at comes by name: it does not look for its own.
    let mut strict = Command::new(&inside);
    strict.args(["-m", CHECKER, "-p"]).arg(&source).arg("--pythonpath").arg(&inside);
    ran(strict.current_dir(&out), "check the types of both with pyright")?;
    print_line!("{}: tests, doctests and types pass in a new environment with {}", wheel.display(), libraries.join(", "));
    Ok(Exit::Success)
}

/// The wheel in a folder.
fn built(out: &Path) -> Result<PathBuf, Error> {
    let entries = std::fs::read_dir(out).map_err(|source| Error::File { what: "list", path: out.to_owned(), source })?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let found = paths.find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    found.ok_or_else(|| Error::Fault(format!("find the wheel: pip left none in {}", out.display())))
}

fn ran(command: &mut Command, what: &str) -> Result<(), Error> {
    let status = command.status().map_err(|error| Error::Fault(format!("{what}: {error}")))?;
    if status.success() { Ok(()) } else { Err(Error::Fault(format!("{what}: it ended with {status}"))) }
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|source| Error::File { what: "resolve", path: path.to_owned(), source })
}
