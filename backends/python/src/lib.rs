//! Python array libraries as backends: the Python worker, and the environments that it runs in.
//!
//! [`named`] and [`module`] return the command that starts a worker. `backends/protocol/` describes the protocol that the worker speaks.

mod consumers;
mod environment;
mod error;
mod interpreter;
mod inventory;
mod library;
#[cfg(all(test, unix))]
mod testing;
mod worker;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use consumers::{consumers, packages_of};
pub use error::PythonError;
pub use library::{Library, Needs, baseline, libraries, name_and_version};

use environment::State;
pub use environment::hash;
use interpreter::Interpreter;

/// The environment variable that names the Python interpreter from which environments are made.
pub const PYTHON_VARIABLE: &str = "ARRAY_ASSAY_PYTHON";

/// How to start a worker. Its environment and working directory are inherited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The Python interpreter.
    pub program: PathBuf,
    /// The arguments of the interpreter.
    pub args: Vec<OsString>,
    /// Environment variables to set in addition to the inherited ones.
    pub env: Vec<(OsString, OsString)>,
}

/// The library that a name of the command line means. A version in the name (`numpy==1.26.4`) is ignored.
pub fn find(name: &str) -> Result<&'static Library, PythonError> {
    let (known, _) = name_and_version(name);
    libraries().iter().find(|library| library.name == known).ok_or_else(|| PythonError::UnknownLibrary {
        name: known.to_owned(),
        known: libraries().iter().map(|library| library.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}

/// The command of the worker for a library known by name. `NAME==VERSION` stands for another version than the pinned one. The library's
/// environment is made on first use.
///
/// `state` is the folder for environments: `target/` in the repository, the user's cache elsewhere. `progress` is called with messages for
/// the user.
pub fn named(name: &str, state: &Path, progress: &mut dyn FnMut(&str)) -> Result<WorkerCommand, PythonError> {
    let library = find(name)?;
    let (_, version) = name_and_version(name);
    if let Some(needs) = library.needs.as_ref().filter(|needs| !needs.are_met()) {
        let Needs { device, command } = needs.clone();
        return Err(PythonError::NoDevice { name: name.to_owned(), device, command });
    }
    let state = State::open(state)?;
    let program = state.environment(&Interpreter::host()?, library, version, progress)?;
    // `-I`: the user's PYTHONPATH must not put another library in place of the pinned one.
    let mut args: Vec<OsString> = vec!["-I".into(), state.worker(progress)?.into(), "--module".into(), (&library.module).into()];
    args.extend(["--name".into(), (&library.name).into()]);
    if let Some(settings) = library.settings() {
        args.extend(["--settings".into(), settings.into()]);
    }
    let folder = state.folder().to_string_lossy().into_owned();
    let variables = library.variables.iter().map(|(name, value)| (name.into(), value.replace("{state}", &folder).into()));
    Ok(WorkerCommand { program, args, env: one_thread().into_iter().chain(variables).collect() })
}

/// The interpreter of an environment that holds tools and no library under test, pinned and hash-checked: a file of `requirements/`.
pub fn tools(environment: &str, state: &Path, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, PythonError> {
    State::open(state)?.pinned(&Interpreter::host()?, environment, pinned(environment)?, progress)
}

/// The interpreter of a new environment in `folder` that holds a wheel beside the pinned requirements of `environment`.
pub fn with_wheel(environment: &str, wheel: &Path, folder: &Path, state: &Path) -> Result<PathBuf, PythonError> {
    State::open(state)?.with_wheel(&Interpreter::host()?, folder, (environment, pinned(environment)?), wheel)
}

fn pinned(environment: &str) -> Result<&'static str, PythonError> {
    library::requirements(environment).ok_or_else(|| PythonError::UnknownEnvironment { name: environment.to_owned() })
}

/// The command of the worker for any module that the user's interpreter `python` can import (default: `python3` on the PATH).
///
/// The interpreter needs only the module. If it lacks MessagePack, that is installed into `state` for its version, and appended to its path.
/// The working directory is on the path, as with `python -m`.
pub fn module(module: &str, python: Option<&Path>, state: &Path, progress: &mut dyn FnMut(&str)) -> Result<WorkerCommand, PythonError> {
    let interpreter = Interpreter::of_user(python)?;
    let state = State::open(state)?;
    let mut args: Vec<OsString> = vec![state.worker(progress)?.into(), "--module".into(), module.into(), "--cwd".into()];
    if !interpreter.has_msgpack {
        args.extend(["--append-path".into(), state.msgpack(&interpreter, progress)?.into()]);
    }
    Ok(WorkerCommand { program: interpreter.program, args, env: one_thread() })
}

/// Variables that make linear algebra libraries use one thread, because the arrays of a run are small. A variable that the user has set
/// stays.
fn one_thread() -> Vec<(OsString, OsString)> {
    let variables = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"].into_iter();
    variables.filter(|name| std::env::var_os(name).is_none()).map(|name| (name.into(), "1".into())).collect()
}
