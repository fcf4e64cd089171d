//! Finds a backend by its name: the command of its worker, the language of its scripts, and its shipped baseline.

use std::ffi::OsString;
use std::path::Path;

use array_assay_harness::run::{Backend, CASES, MakeRewrite, WorkerCommand};
use array_assay_harness::snippet::{Language, Python};

use crate::exit::Error;
use crate::nearest::meant;
use crate::{place, polyfills, rust_backend};

/// A backend that can be run, and the baseline that ships with it.
pub struct Named {
    /// The backend as the harness runs it.
    pub backend: Backend,
    /// The baseline's file, relative to the repository's root, and its text.
    pub baseline: Option<(&'static str, &'static str)>,
    /// How its programs are rewritten, if it is tested together with polyfills.
    pub rewrite: Option<MakeRewrite>,
    /// Cases per stream, unless the user gives a number.
    pub cases: u32,
}

/// The prefix of the name of a backend that is tested together with polyfills.
const POLYFILLED: &str = "polyfilled:";

/// The baseline that ships with the backend `name`: its file, relative to the repository's root, and its text. Installs nothing.
pub fn shipped(name: &str) -> Option<(&'static str, &'static str)> {
    rust_backend::find(name).map(|library| library.baseline).or_else(|| array_assay_python::baseline(name))
}

/// Finds the backend `name`. Installs a Python library that is known by name on first use, and builds the worker of a Rust library.
pub fn find(name: &str, python: Option<&Path>, say: &mut dyn FnMut(&str)) -> Result<Named, Error> {
    let backend = |command: WorkerCommand, language: Language| Backend { name: name.to_owned(), command, language };
    if let Some(library) = rust_backend::find(name) {
        let backend = backend(library.worker(say)?, library.language());
        return Ok(Named { backend, baseline: Some(library.baseline), rewrite: None, cases: CASES });
    }
    if let Some(rest) = name.strip_prefix(POLYFILLED) {
        let Named { backend, cases, .. } = find(rest, python, say)?;
        // The shipped baseline describes the library without polyfills, and the polyfills repair some of its deviations.
        // No scripts: the library alone cannot make a call of a function that it lacks.
        let backend = Backend { name: name.to_owned(), language: Language::Other, ..backend };
        return Ok(Named { backend, baseline: None, rewrite: Some(polyfills::rewrite), cases });
    }
    if let Some(rest) = name.strip_prefix("exec:") {
        let mut words = words(rest)?.into_iter();
        let program =
            words.next().ok_or_else(|| Error::Usage("read `exec:`: add the worker's command, such as exec:./my-worker".to_owned()))?;
        let command = WorkerCommand { program: program.into(), args: words.map(OsString::from).collect(), ..WorkerCommand::default() };
        return Ok(Named { backend: backend(command, Language::Other), baseline: None, rewrite: None, cases: CASES });
    }
    if let Some(module) = name.strip_prefix("python:") {
        let command = array_assay_python::module(module, python, &place::state(), say)?;
        let language = Language::Python(Python { module: module.to_owned(), ..Python::default() });
        return Ok(Named { backend: backend(python_command(command), language), baseline: None, rewrite: None, cases: CASES });
    }
    match name {
        "reference" => {
            let language = Language::Rust { backend: "array_assay_harness::reference::Reference::default()".to_owned() };
            Ok(Named { backend: backend(own_worker(name, &[])?, language), baseline: None, rewrite: None, cases: CASES })
        }
        _ => {
            let library = array_assay_python::find(name).map_err(|_| unknown(name))?;
            let command = array_assay_python::named(name, &place::state(), say)?;
            let language = Language::Python(Python {
                module: library.module.clone(),
                modules: library.modules.clone(),
                shown: library.shown.clone(),
                made: library.made.clone(),
                names: library.names.clone(),
                representations: library.representations.clone(),
            });
            let (baseline, cases) = (shipped(name), library.cases.unwrap_or(CASES));
            Ok(Named { backend: backend(python_command(command), language), baseline, rewrite: None, cases })
        }
    }
}

/// The words of a command. Quotes hold words with blanks together, as in a shell. On Windows a backslash is no escape.
fn words(command: &str) -> Result<Vec<String>, Error> {
    let escaped = if cfg!(windows) { command.replace('\\', "\\\\") } else { command.to_owned() };
    shell_words::split(&escaped).map_err(|_| Error::Usage(format!("read `exec:{command}`: a quotation mark is not closed")))
}

/// The command that starts this program as a worker.
pub fn own_worker(name: &str, args: &[String]) -> Result<WorkerCommand, Error> {
    let program = std::env::current_exe().map_err(|e| Error::Fault(format!("find this program's own file: {e}")))?;
    let args = ["worker", name].into_iter().map(OsString::from).chain(args.iter().map(OsString::from)).collect();
    Ok(WorkerCommand { program, args, ..WorkerCommand::default() })
}

fn python_command(command: array_assay_python::WorkerCommand) -> WorkerCommand {
    WorkerCommand { program: command.program, args: command.args, env: command.env, ..WorkerCommand::default() }
}

fn unknown(name: &str) -> Error {
    let known = ["ndarray", "rstsr", "cuda", "cuda-host", "reference"]
        .into_iter()
        .chain(array_assay_python::libraries().iter().map(|l| l.name.as_str()));
    Error::Usage(format!(
        "find the backend `{name}`: {}; use python:MODULE for any importable module, exec:COMMAND for any program that speaks the protocol, \
         and polyfilled:BACKEND for a backend with polyfills",
        meant(name, known)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_have_words_with_blanks() {
        let of = |command: &str| words(command).unwrap();
        assert_eq!(of("./my-worker  --fast"), ["./my-worker", "--fast"]);
        assert_eq!(of("'/home/a b/worker' --name \"c d\" ''"), ["/home/a b/worker", "--name", "c d", ""]);
        let error = words("'/home/a b/worker").unwrap_err().to_string();
        assert!(error.contains("a quotation mark is not closed"), "{error}");
    }
}
