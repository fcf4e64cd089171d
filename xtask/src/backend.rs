//! Backends by name: how their workers start, the language of their snippets, their shipped baselines.

use std::ffi::OsString;
use std::path::Path;

use array_assay_harness::run::{Backend, MakeRewrite, WorkerCommand};
use array_assay_harness::snippet::{Language, Python};

use crate::exit::Error;
use crate::nearest::meant;
use crate::{place, polyfills};

/// A backend that can be run, and the baseline that ships with it.
pub struct Named {
    /// It.
    pub backend: Backend,
    /// The text of its baseline, and the file below the repository's root that holds it.
    pub baseline: Option<(&'static str, &'static str)>,
    /// How its programs are rewritten, if it is judged together with polyfills.
    pub rewrite: Option<MakeRewrite>,
    /// Cases a stream, where nobody says otherwise.
    pub cases: u32,
}

/// What the name of a backend begins with that is judged together with polyfills.
const POLYFILLED: &str = "polyfilled:";

/// Cases a stream, for libraries of the usual speed.
const CASES: u32 = 1000;

/// The baseline that ships with a backend of this name: its file below the repository's root, and its text. Nothing is provisioned.
pub fn shipped(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "ndarray" => Some(array_assay_ndarray::BASELINE),
        "polyfilled:ndarray" => Some(array_assay_ndarray::POLYFILLED_BASELINE),
        _ => array_assay_python::baseline(name),
    }
}

/// Finds a backend; a Python library is provisioned.
pub fn find(name: &str, python: Option<&Path>, say: &mut dyn FnMut(&str)) -> Result<Named, Error> {
    let own = |language: &str, baseline| -> Result<Named, Error> {
        let language = Language::Rust { backend: language.to_owned() };
        let backend = Backend { name: name.to_owned(), command: own_worker(name, &[])?, language };
        Ok(Named { backend, baseline, rewrite: None, cases: CASES })
    };
    // A Rust library gets its polyfills in its own worker: those that a user calls.
    if name == "polyfilled:ndarray" {
        let language = "array_assay_namespace::Polyfilled::new(array_assay_ndarray::Ndarray).without(array_assay_ndarray::DEVIATING)";
        return own(language, shipped(name));
    }
    if let Some(rest) = name.strip_prefix(POLYFILLED) {
        let Named { backend, cases, .. } = find(rest, python, say)?;
        // The baseline is that of the library without polyfills, which are to mend some of it.
        // The library alone cannot run a call of what it lacks: a script of its own would not show anything.
        let backend = Backend { name: name.to_owned(), language: Language::Other, ..backend };
        return Ok(Named { backend, baseline: None, rewrite: Some(polyfills::rewrite), cases });
    }
    let backend = |command: WorkerCommand, language: Language| Backend { name: name.to_owned(), command, language };
    if let Some(rest) = name.strip_prefix("exec:") {
        let mut words = rest.split_whitespace();
        let program =
            words.next().ok_or_else(|| Error::Usage("read `exec:`: a command has to follow, such as exec:./my-worker".to_owned()))?;
        let command = WorkerCommand { program: program.into(), args: words.map(OsString::from).collect(), ..WorkerCommand::default() };
        return Ok(Named { backend: backend(command, Language::Other), baseline: None, rewrite: None, cases: CASES });
    }
    if let Some(module) = name.strip_prefix("python:") {
        let command = array_assay_python::module(module, python, &place::state(), say)?;
        let language = Language::Python(Python { module: module.to_owned(), ..Python::default() });
        return Ok(Named { backend: backend(python_command(command), language), baseline: None, rewrite: None, cases: CASES });
    }
    match name {
        "reference" => own("array_assay_harness::reference::Reference::default()", None),
        "ndarray" => own("array_assay_ndarray::Ndarray", shipped(name)),
        _ => {
            let library = array_assay_python::find(name).map_err(|_| unknown(name))?;
            let command = array_assay_python::named(name, &place::state(), say)?;
            let language = Language::Python(Python {
                module: library.module.clone(),
                modules: library.modules.clone(),
                shown: library.shown.clone(),
                made: library.made.clone(),
                names: library.names.clone(),
            });
            let (baseline, cases) = (shipped(name), library.cases.unwrap_or(CASES));
            Ok(Named { backend: backend(python_command(command), language), baseline, rewrite: None, cases })
        }
    }
}

/// The command that makes this very program a worker.
pub fn own_worker(name: &str, args: &[String]) -> Result<WorkerCommand, Error> {
    let program = std::env::current_exe().map_err(|e| Error::Fault(format!("find this program's own file: {e}")))?;
    let args = ["worker", name].into_iter().map(OsString::from).chain(args.iter().map(OsString::from)).collect();
    Ok(WorkerCommand { program, args, ..WorkerCommand::default() })
}

fn python_command(command: array_assay_python::WorkerCommand) -> WorkerCommand {
    WorkerCommand { program: command.program, args: command.args, env: command.env, ..WorkerCommand::default() }
}

fn unknown(name: &str) -> Error {
    let known = ["ndarray", "reference"].into_iter().chain(array_assay_python::libraries().iter().map(|l| l.name.as_str()));
    Error::Usage(format!(
        "find the backend `{name}`: {}; any importable module goes as python:MODULE, any program that speaks the protocol as exec:COMMAND; polyfilled:BACKEND is one with polyfills for what it lacks",
        meant(name, known)
    ))
}
