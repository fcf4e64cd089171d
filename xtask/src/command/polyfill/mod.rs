//! `polyfill`: writes the polyfills as a package, or lists those that a backend needs.

mod cases;
mod origins;
mod timed;
mod wheel;

use std::path::{Path, PathBuf};

use array_assay_format::Results;
use array_assay_harness::run::{Limits, Worker};
use array_assay_polyfills::python::{self, Verified};
use array_assay_polyfills::{Substitution, rust};
use array_assay_spec::Spec;

use crate::backend;
use crate::cli::{self, Language};
use crate::exit::{Error, Exit};
use crate::out;
use crate::place;

pub use origins::origins;
pub use timed::timed;

/// Runs the command.
pub fn run(options: &cli::Polyfill) -> Result<Exit, Error> {
    if let Some(name) = &options.backend {
        return plan(name, options);
    }
    if !options.verify.is_empty() {
        return verify(&options.verify);
    }
    if let Some(out) = &options.wheel {
        return wheel::run(options, out);
    }
    let (Some(language), Some(out)) = (options.lang, &options.out) else {
        return Err(Error::Usage("write polyfills: give --lang python or --lang rust and --out DIR, or --plan BACKEND".to_owned()));
    };
    let files = match language {
        Language::Python => package(&options.results)?,
        Language::Rust if !options.results.is_empty() => {
            return Err(Error::Usage("write polyfills: --results works only with --lang python".to_owned()));
        }
        Language::Rust => {
            let readme = ("README.md".to_owned(), rust::README.to_owned());
            let manifest = ("Cargo.toml".to_owned(), rust::manifest());
            let sources = rust::SOURCES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
            [readme, manifest].into_iter().chain(sources).collect()
        }
    };
    write_all(out, &files)?;
    print_line!("{} files written to {}", files.len(), out.display());
    Ok(Exit::Success)
}

/// The files of the Python package, which delegates also as these results say.
pub fn package(results: &[PathBuf]) -> Result<Vec<(String, String)>, Error> {
    let spec = Spec::embedded();
    let mut verified = Verified::embedded();
    take(&mut verified, results)?;
    Ok(python::package(spec, &verified, &cases::cases(spec)))
}

/// Writes files into a folder, and notes that this command made them.
pub fn write_all(out: &Path, files: &[(String, String)]) -> Result<(), Error> {
    refuse_strangers(out, files)?;
    for (path, text) in files {
        write(&out.join(path), text)?;
    }
    let made: String = files.iter().map(|(path, text)| format!("{} {path}\n", array_assay_python::hash(&[text]))).collect();
    write(&out.join(MADE), &made)
}

/// The file that lists what this command wrote into a folder, with hashes.
const MADE: &str = ".array-assay-polyfills";

/// An error if a file would be overwritten that this command did not make, or that was changed since.
fn refuse_strangers(out: &Path, files: &[(String, String)]) -> Result<(), Error> {
    let made = std::fs::read_to_string(out.join(MADE)).unwrap_or_default();
    for (path, text) in files {
        let file = out.join(path);
        let Ok(there) = std::fs::read(&file) else { continue };
        let hash = std::str::from_utf8(&there).map(|there| array_assay_python::hash(&[there])).unwrap_or_default();
        let is_own = there == text.as_bytes() || made.lines().any(|line| line.split_once(' ') == Some((&*hash, path)));
        if !is_own {
            return Err(Error::Usage(format!(
                "write {}: a file is there that this command did not make, or that was changed since; remove it or give another --out",
                file.display()
            )));
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let fault = |what: &'static str| {
        let path = path.to_owned();
        move |source| Error::File { what, path, source }
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fault("create the folder of"))?;
    }
    std::fs::write(path, text).map_err(fault("write"))
}

/// Adds what results files say of libraries' own functions.
fn take(verified: &mut Verified, paths: &[PathBuf]) -> Result<(), Error> {
    for path in paths {
        let results = Results::read(path)?;
        if results.header.backend.name.starts_with("polyfilled:") {
            let why = "it holds results of polyfills, not of the library's own functions";
            return Err(Error::Usage(format!("read {}: {why}", path.display())));
        }
        verified.take(&results);
    }
    Ok(())
}

/// Writes the repository's table of verified functions anew, with what these results say.
fn verify(paths: &[PathBuf]) -> Result<Exit, Error> {
    let root = place::workspace().ok_or_else(|| {
        Error::Usage("write verified.yaml: start it as `cargo xtask polyfill --verify RESULTS` in the repository".to_owned())
    })?;
    let path = root.join("polyfills/src/python/verified.yaml");
    let text = std::fs::read_to_string(&path).map_err(|source| Error::File { what: "read", path: path.clone(), source })?;
    let mut verified = Verified::parse(&text).map_err(|why| Error::Usage(format!("read {}: {why}", path.display())))?;
    take(&mut verified, paths)?;
    write(&path, &verified.text())?;
    for range in &verified.ranges {
        print_line!("{range}: {} functions", range.functions.len());
    }
    Ok(Exit::Success)
}

/// Prints the polyfills that a backend needs, in the order of their calls, and the functions that no polyfill can give it.
fn plan(name: &str, options: &cli::Polyfill) -> Result<Exit, Error> {
    let spec = Spec::embedded();
    if name == "ndarray" {
        out::print(&origins(spec, &mut |line| warn_line!("{line}"))?);
        return Ok(Exit::Success);
    }
    let named = backend::find(name, options.python.as_deref(), &mut |line| warn_line!("{line}"))?;
    let names: Vec<String> = spec.with_gaps().filter(|f| f.owner().is_none()).map(|f| f.path()).collect();
    let limits = Limits::new(std::time::Duration::from_secs(60), None);
    let started = Worker::start(&named.backend.command, &names, limits, None);
    let (_, mut identity) = started.map_err(|source| array_assay_harness::run::RunError::Start { backend: name.to_owned(), source })?;
    let substitution = Substitution::completing(spec, &mut identity);
    let plan = substitution.plan();
    print_line!("{name}: {} {}", identity.name, identity.version);
    print_line!("\n{} polyfills, each listed after those that it calls", plan.polyfilled.len());
    for polyfilled in &plan.polyfilled {
        let needs = if polyfilled.needs.is_empty() { String::new() } else { format!("  calls {}", polyfilled.needs.join(", ")) };
        print_line!("  {:<24}{needs}", polyfilled.path);
    }
    print_line!("\n{} functions without a polyfill for this library", plan.out_of_reach.len());
    for missing in &plan.out_of_reach {
        let why = if missing.lacks.is_empty() {
            "no polyfill exists".to_owned()
        } else {
            format!("its polyfill needs {}", missing.lacks.join(", "))
        };
        print_line!("  {:<24}  {why}", missing.path);
    }
    Ok(Exit::Success)
}
