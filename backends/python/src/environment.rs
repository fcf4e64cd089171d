//! Provisions Python environments. Each is made once. It is complete or absent, also if several processes make it at the same time.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fs4::{FileExt, TryLockError};
use sha2::{Digest, Sha256};

use crate::PythonError;
use crate::interpreter::{Interpreter, last_lines};
use crate::inventory;
use crate::library::{Library, MSGPACK, pins, requirements};

/// The folder `python` below the tool's state folder.
pub(crate) struct State {
    folder: PathBuf,
}

impl State {
    pub fn open(state: &Path) -> Result<State, PythonError> {
        let folder = state.join("python");
        let folder = std::path::absolute(&folder).map_err(PythonError::io("resolve", folder))?;
        fs::create_dir_all(&folder).map_err(PythonError::io("create", &folder))?;
        Ok(State { folder })
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The interpreter of the environment that holds `library`, in the pinned version or in the given `version`, for which pip chooses the
    /// other packages.
    pub fn environment(
        &self,
        host: &Interpreter,
        library: &Library,
        version: Option<&str>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<PathBuf, PythonError> {
        // Tests check both for every entry of libraries.yaml.
        let pinned = requirements(&library.environment).expect("every environment has its requirements");
        let Some(version) = version else { return self.pinned(host, &library.environment, pinned, progress) };
        let wanted = library.requirements_at(version).expect("the head of the requirements names them");
        let key = key(host, &wanted);
        let what = wanted.trim_end().replace('\n', ", ");
        self.environment_of(&format!("{}-{}-{key}", library.environment, file_name(version)), progress, |partial, progress| {
            let how = "; pip chooses the dependencies, without hashes";
            progress(&format!("installing {what} for Python {} (first use{how}) ...", host.version));
            venv(host, partial)?;
            let python = interpreter_of(partial);
            self.install(&python, Checked::Nothing, &[(&library.environment, &wanted)], &what)?;
            self.install(&python, Checked::Hashes, &[("msgpack", MSGPACK)], &what)
        })
    }

    /// The interpreter of an environment of these pinned requirements.
    pub fn pinned(&self, host: &Interpreter, name: &str, wanted: &str, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, PythonError> {
        let what = pins(wanted).join(", ");
        self.environment_of(&format!("{name}-{}", key(host, wanted)), progress, |partial, progress| {
            progress(&format!("installing {what} for Python {} (first use) ...", host.version));
            venv(host, partial)?;
            self.install(&interpreter_of(partial), Checked::Hashes, &[(name, wanted), ("msgpack", MSGPACK)], &what)
        })
    }

    /// The interpreter of the environment in the folder `name`, which `make` makes on first use.
    fn environment_of(
        &self,
        name: &str,
        progress: &mut dyn FnMut(&str),
        make: impl FnOnce(&Path, &mut dyn FnMut(&str)) -> Result<(), PythonError>,
    ) -> Result<PathBuf, PythonError> {
        let state = |environment: &Path| match interpreter_of(environment).exists() {
            true => inventory::damage(environment).map_or(Found::Whole, Found::Damaged),
            false => Found::Nothing,
        };
        let folder = self.once(name, state, progress, |partial, progress| {
            make(partial, progress)?;
            inventory::write(partial).map_err(PythonError::io("list the files of", partial))
        })?;
        Ok(interpreter_of(&folder))
    }

    /// Installs requirements, each with the name of its file.
    fn install(&self, python: &Path, checked: Checked, requirements: &[(&str, &str)], what: &str) -> Result<(), PythonError> {
        // They lie inside the environment that is being made, so that nothing of an interrupted run is left elsewhere.
        let inside = python.parent().and_then(Path::parent).unwrap_or(&self.folder);
        let files = requirements.iter().map(|(name, text)| write_requirements(inside, name, text)).collect::<Result<Vec<_>, _>>()?;
        let mut pip = pip_install(python, checked);
        for file in &files {
            pip.arg("-r").arg(file.path());
        }
        run_pip(pip, python, what)
    }

    /// The interpreter of a new environment in `folder` that holds a wheel beside pinned requirements.
    pub fn with_wheel(
        &self,
        host: &Interpreter,
        folder: &Path,
        (name, wanted): (&str, &str),
        wheel: &Path,
    ) -> Result<PathBuf, PythonError> {
        venv(host, folder)?;
        let python = interpreter_of(folder);
        self.install(&python, Checked::Hashes, &[(name, wanted)], &pins(wanted).join(", "))?;
        let mut pip = pip_install(&python, Checked::Nothing);
        pip.args(["--no-index", "--no-deps"]).arg(wheel);
        run_pip(pip, &python, &wheel.display().to_string())?;
        Ok(python)
    }

    /// A folder with MessagePack for an interpreter that lacks it. The worker appends the folder to its path.
    pub fn msgpack(&self, interpreter: &Interpreter, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, PythonError> {
        let version = format!("{}{}", interpreter.minor_version(), interpreter.abi_flags);
        let name = format!("msgpack-{}-{version}-{}", interpreter.implementation, hash(&[MSGPACK]));
        let what = format!("{} for {} {version}", pins(MSGPACK).join(", "), interpreter.implementation);
        self.once(
            &name,
            |folder| if folder.join("msgpack").exists() { Found::Whole } else { Found::Nothing },
            progress,
            |partial, progress| {
                progress(&format!("installing {what} (first use) ..."));
                let host = Interpreter::host()?;
                let python = self.pip_of(&host, progress)?;
                fs::create_dir_all(partial).map_err(PythonError::io("create", partial))?;
                let file = write_requirements(partial, "msgpack", MSGPACK)?;
                let mut pip = pip_install(&python, Checked::Hashes);
                pip.arg("--target").arg(partial).arg("-r").arg(file.path());
                pip.args(["--python-version", &interpreter.minor_version()]);
                pip.args(["--implementation", if interpreter.implementation == "pypy" { "pp" } else { "cp" }]);
                if interpreter.abi_flags.contains('t') {
                    pip.args(["--abi", &format!("cp{}t", interpreter.minor_version().replace('.', ""))]);
                }
                run_pip(pip, &python, &what)
            },
        )
    }

    /// An interpreter that has pip: the host's own, or that of an environment made for this purpose, as Debian's Python has no pip.
    fn pip_of(&self, host: &Interpreter, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, PythonError> {
        let own = array_assay_process::output(Command::new(&host.program).args(["-I", "-m", "pip", "--version"]));
        if own.is_ok_and(|output| output.status.success()) {
            return Ok(host.program.clone());
        }
        let name = format!("pip-{}", hash(&[&host.version, &host.abi_flags, &host.prefix]));
        self.environment_of(&name, progress, |partial, _| venv(host, partial))
    }

    /// The folder `name`. If it is not whole, `make` fills a temporary folder, which then gets the name. If several processes need the folder,
    /// one makes it and the others wait.
    pub(crate) fn once(
        &self,
        name: &str,
        found: impl Fn(&Path) -> Found,
        progress: &mut dyn FnMut(&str),
        make: impl FnOnce(&Path, &mut dyn FnMut(&str)) -> Result<(), PythonError>,
    ) -> Result<PathBuf, PythonError> {
        let folder = self.folder.join(name);
        if found(&folder) == Found::Whole {
            return Ok(folder);
        }
        let lock = self.folder.join(format!("{name}.lock"));
        let file = File::create(&lock).map_err(PythonError::io("create", &lock))?;
        if !locked_soon(&file).map_err(PythonError::io("lock", &lock))? {
            progress(&format!("waiting for another process that installs {name} ..."));
            FileExt::lock(&file).map_err(PythonError::io("lock", &lock))?;
        }
        match found(&folder) {
            Found::Whole => return Ok(folder),
            Found::Damaged(why) => progress(&format!("the environment {name} is damaged ({why}), so it is made again")),
            Found::Nothing => {}
        }
        let partial = self.folder.join(format!("{name}.partial"));
        for rest in [&partial, &folder] {
            remove(rest).map_err(PythonError::io("remove the incomplete", rest))?;
        }
        make(&partial, progress)?;
        fs::rename(&partial, &folder).map_err(PythonError::io("rename", &partial))?;
        Ok(folder)
    }
}

/// What is there of a folder that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// All of it.
    Whole,
    /// All of it once was. Says what is wrong with it.
    Damaged(String),
    /// Nothing, or a part of it.
    Nothing,
}

/// Locks a file if that takes a moment at most. A process that another thread starts holds the lock too, between its fork and its exec.
fn locked_soon(file: &File) -> std::io::Result<bool> {
    for _ in 0..50 {
        // Called through the trait, because std has methods of the same names since Rust 1.89.
        match FileExt::try_lock(file) {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(std::time::Duration::from_millis(10)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// Removes a folder with all that it holds, if it exists. What is written at the same time is removed at the next try.
fn remove(folder: &Path) -> std::io::Result<()> {
    let mut result = Ok(());
    for _ in 0..3 {
        result = match fs::remove_dir_all(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            result => result,
        };
        if result.is_ok() {
            break;
        }
    }
    result
}

fn write_requirements(folder: &Path, name: &str, text: &str) -> Result<tempfile::NamedTempFile, PythonError> {
    tempfile::Builder::new()
        .prefix(&format!("{name}-"))
        .suffix(".txt")
        .tempfile_in(folder)
        .and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file))
        .map_err(PythonError::io("write requirements into", folder))
}

fn interpreter_of(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// What tells an environment of these requirements from others.
fn key(host: &Interpreter, wanted: &str) -> String {
    hash(&[wanted, MSGPACK, &host.version, &host.abi_flags, &host.prefix])
}

/// What pip checks of the packages that it installs.
#[derive(Clone, Copy, PartialEq)]
enum Checked {
    Hashes,
    Nothing,
}

/// A version in characters that a file name may have.
fn file_name(version: &str) -> String {
    version.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect()
}

/// A `pip install` command. It is isolated from PYTHONPATH and the user's packages, because pip could take these for installed requirements.
/// It inherits pip's own settings, such as a mirror.
fn pip_install(python: &Path, checked: Checked) -> Command {
    let mut command = Command::new(python);
    command.args(["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]);
    if checked == Checked::Hashes {
        command.arg("--require-hashes");
    }
    command
}

fn run_pip(mut pip: Command, python: &Path, what: &str) -> Result<(), PythonError> {
    let output = output(&mut pip, python)?;
    if output.status.success() { Ok(()) } else { Err(PythonError::Pip { what: what.to_owned(), output: last_lines(&output, 8) }) }
}

fn venv(host: &Interpreter, folder: &Path) -> Result<(), PythonError> {
    let args = [OsStr::new("-I"), OsStr::new("-m"), OsStr::new("venv"), folder.as_os_str()];
    let output = output(Command::new(&host.program).args(args), &host.program)?;
    if output.status.success() {
        return Ok(());
    }
    let (program, output) = (host.program.clone(), last_lines(&output, 8));
    if output.contains("ensurepip") || output.contains("No module named venv") {
        Err(PythonError::NoVenv { program, output })
    } else {
        Err(PythonError::Venv { program, output })
    }
}

fn output(command: &mut Command, program: &Path) -> Result<Output, PythonError> {
    array_assay_process::output(command).map_err(PythonError::io("start", program))
}

/// The first ten hexadecimal digits of a hash of the texts.
pub fn hash(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> PythonError {
        PythonError::Pip { what: "x".to_owned(), output: String::new() }
    }

    #[test]
    fn an_interrupted_folder_is_made_anew_and_a_complete_one_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        let complete = |folder: &Path| if folder.join("done").exists() { Found::Whole } else { Found::Nothing };
        let failed = state.once("env", complete, &mut |_| (), |partial, _| {
            fs::create_dir(partial).unwrap();
            fs::write(partial.join("done"), "").unwrap();
            Err(failure())
        });
        assert!(failed.is_err());
        assert!(!state.folder.join("env").exists());
        let make = |partial: &Path, _: &mut dyn FnMut(&str)| {
            assert!(!partial.exists(), "what an interrupted process left is removed");
            fs::create_dir(partial).unwrap();
            fs::write(partial.join("done"), "").unwrap();
            Ok(())
        };
        let made = state.once("env", complete, &mut |_| (), make).unwrap();
        assert!(made.join("done").exists());
        let again = state.once("env", complete, &mut |_| (), |_, _| panic!("it is complete")).unwrap();
        assert_eq!(made, again);
    }

    #[test]
    fn a_damaged_folder_is_made_again_and_one_line_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        let found = |folder: &Path| match fs::read_to_string(folder.join("done")) {
            Ok(text) if text == "whole" => Found::Whole,
            Ok(_) => Found::Damaged("done was altered".to_owned()),
            Err(_) => Found::Nothing,
        };
        let make = |partial: &Path, _: &mut dyn FnMut(&str)| {
            fs::create_dir(partial).unwrap();
            fs::write(partial.join("done"), "whole").unwrap();
            Ok(())
        };
        let made = state.once("env", found, &mut |_| (), make).unwrap();
        fs::write(made.join("done"), "broken").unwrap();
        let mut said = Vec::new();
        state.once("env", found, &mut |line| said.push(line.to_owned()), make).unwrap();
        assert_eq!(said, ["the environment env is damaged (done was altered), so it is made again"]);
        assert_eq!(fs::read_to_string(made.join("done")).unwrap(), "whole");
    }

    #[test]
    fn of_two_at_once_one_makes_it_and_the_other_waits() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let state = State::open(folder.path()).unwrap();
                    let complete = |folder: &Path| if folder.join("done").exists() { Found::Whole } else { Found::Nothing };
                    let path = state.once("env", complete, &mut |_| (), |partial, _| {
                        made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        fs::create_dir(partial).unwrap();
                        fs::write(partial.join("done"), "").unwrap();
                        Ok(())
                    });
                    assert!(path.unwrap().join("done").exists());
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn an_interpreter_without_venv_names_the_package_to_install() {
        let debian = "The virtual environment was not created successfully because ensurepip is not\navailable.";
        let python = crate::testing::fake_python(debian);
        let host = Interpreter {
            program: python.path().to_owned(),
            version: "3.11.2".to_owned(),
            implementation: "cpython".to_owned(),
            abi_flags: String::new(),
            has_msgpack: false,
            prefix: "/usr".to_owned(),
        };
        let error = venv(&host, Path::new("env")).unwrap_err();
        assert!(matches!(error, PythonError::NoVenv { .. }), "{error}");
        assert!(error.to_string().contains("python3-venv"), "{error}");
    }
}
