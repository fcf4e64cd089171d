//! Rust libraries known by name. Each is a worker of its own: whoever judges another library builds none of them.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use array_assay_harness::run::WorkerCommand;
use array_assay_harness::snippet::Language;
use array_assay_process::Group;
use serde_json::Value;

use crate::exit::Error;
use crate::place;

/// A Rust library: its worker, and what is known of it.
pub struct RustBackend {
    /// The name on the command line.
    pub name: &'static str,
    /// The package of its worker, whose program has the same name, and the folder that holds it.
    package: (&'static str, &'static str),
    /// The folder below cargo's target folder in which the package is built, if it is a workspace of its own: what it depends on is built only
    /// for whoever judges this library.
    own_workspace: Option<&'static str>,
    /// The arguments of the worker.
    args: &'static [&'static str],
    /// The arguments with which the worker says in one line which part of the system it lacks, if it may lack one.
    absent: Option<&'static [&'static str]>,
    /// The variable that names a folder for what the worker keeps from run to run, if it keeps something.
    keeps: Option<&'static str>,
    /// The backend as Rust has it, for scripts.
    expression: &'static str,
    /// Its known deviations: the file below the repository's root, and its text.
    pub baseline: (&'static str, &'static str),
}

macro_rules! baseline {
    ($path:literal) => {
        ($path, include_str!(concat!("../../", $path)))
    };
}

/// The crate ndarray.
pub const NDARRAY: RustBackend = RustBackend {
    name: "ndarray",
    package: ("array-assay-ndarray", "backends/ndarray"),
    own_workspace: None,
    args: &[],
    absent: None,
    keeps: None,
    expression: "array_assay_ndarray::Ndarray",
    baseline: baseline!("backends/ndarray/baseline.yaml"),
};

/// The crate ndarray with polyfills. It gets them in its own worker: those that a user calls.
pub const POLYFILLED_NDARRAY: RustBackend = RustBackend {
    name: "polyfilled:ndarray",
    package: ("array-assay-polyfilled", "backends/polyfilled"),
    own_workspace: None,
    args: &[],
    absent: None,
    keeps: None,
    expression: "array_assay_namespace::Polyfilled::new(array_assay_ndarray::Ndarray).without(array_assay_ndarray::DEVIATING)",
    baseline: baseline!("backends/ndarray/polyfilled.yaml"),
};

/// The namespace for NVIDIA GPUs.
pub const CUDA: RustBackend = RustBackend {
    name: "cuda",
    package: ("array-assay-cuda", "backends/cuda"),
    own_workspace: None,
    args: &[],
    absent: Some(&["absent"]),
    keeps: Some("ARRAY_ASSAY_CUDA_CACHE"),
    expression: "array_assay_cuda::Cuda::gpu().expect(\"a GPU\")",
    baseline: baseline!("backends/cuda/baseline.yaml"),
};

/// The namespace for NVIDIA GPUs, with its kernels on the processor.
pub const CUDA_HOST: RustBackend = RustBackend {
    name: "cuda-host",
    args: &["host"],
    absent: None,
    expression: "array_assay_cuda::Cuda::host()",
    baseline: baseline!("backends/cuda/host.yaml"),
    ..CUDA
};

/// The crate RSTSR.
pub const RSTSR: RustBackend = RustBackend {
    name: "rstsr",
    package: ("array-assay-rstsr", "backends/rstsr"),
    own_workspace: Some("rstsr"),
    args: &[],
    absent: None,
    keeps: None,
    expression: "array_assay_rstsr::Rstsr::default()",
    baseline: baseline!("backends/rstsr/baseline.yaml"),
};

/// All of them.
const ALL: [&RustBackend; 5] = [&NDARRAY, &POLYFILLED_NDARRAY, &CUDA, &CUDA_HOST, &RSTSR];

/// The one of that name.
pub fn find(name: &str) -> Option<&'static RustBackend> {
    ALL.into_iter().find(|backend| backend.name == name)
}

impl RustBackend {
    /// The language of its scripts.
    pub fn language(&self) -> Language {
        Language::Rust { backend: self.expression.to_owned() }
    }

    /// The command of its worker. In the repository cargo builds it if it is not up to date, elsewhere it lies beside this program or in
    /// the `PATH`.
    pub fn worker(&self, say: &mut dyn FnMut(&str)) -> Result<WorkerCommand, Error> {
        let own = std::env::current_exe().map_err(|e| Error::Fault(format!("find this program's own file: {e}")))?;
        let program = match place::workspace() {
            Some(root) => self.built(&root, &own, say)?,
            None => {
                let path = std::env::var_os("PATH").unwrap_or_default();
                self.installed(own.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path)))?
            }
        };
        if let Some(absent) = self.absent {
            self.is_complete(&program, absent)?;
        }
        let args = self.args.iter().map(OsString::from).collect();
        // A folder that the user names stays.
        let variable = self.keeps.filter(|variable| std::env::var_os(variable).is_none());
        let env = variable.map(|variable| (variable.into(), place::state().join("cuda-kernels").into())).into_iter().collect();
        Ok(WorkerCommand { program, args, env, ..WorkerCommand::default() })
    }

    /// Fails with the part of the system that the worker says it lacks.
    fn is_complete(&self, program: &Path, args: &[&str]) -> Result<(), Error> {
        let output = Command::new(program).args(args).stdin(Stdio::null()).output();
        let output = output.map_err(|e| Error::Worker(format!("start {}: {e}", program.display())))?;
        let said = String::from_utf8_lossy(&output.stdout);
        match said.trim() {
            "" if output.status.success() => Ok(()),
            "" => Err(Error::Worker(format!("ask the worker of {} what it lacks: it ended with {}", self.name, output.status))),
            part => Err(Error::Worker(part.to_owned())),
        }
    }

    /// Builds the worker in the profile of this program. Cargo prints what it compiles only if it fails.
    fn built(&self, root: &Path, own: &Path, say: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
        let (package, folder) = self.package;
        let fault = |why: String| Error::Worker(format!("build the worker of {}: {why}", self.name));
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(root).args(["build", "--package", package, "--bin", package]);
        match self.own_workspace {
            // Features are united over the packages that are named: with this one among them, the worker shares what this program is made of.
            None => command.args(["--package", env!("CARGO_PKG_NAME")]),
            Some(target) => command
                .arg("--manifest-path")
                .arg(root.join(folder).join("Cargo.toml"))
                .arg("--target-dir")
                .arg(target_folder(root, own).join(target)),
        };
        command.args(["--profile", profile(own), "--message-format=json-render-diagnostics"]);
        command.env("CARGO_TERM_COLOR", "never").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut cargo = Group::spawn(&mut command).map_err(|e| fault(format!("start cargo: {e}")))?;
        let (Some(stdout), Some(stderr)) = (cargo.stdout(), cargo.stderr()) else {
            return Err(fault("cargo's output is not there".to_owned()));
        };
        // Both pipes are read at once: neither may fill up.
        let messages = std::thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.filter_map(|line| executable(&line, package)).last()
        });
        let mut said = String::new();
        let mut compiles = false;
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if !compiles && line.trim_start().starts_with("Compiling") {
                compiles = true;
                match self.own_workspace {
                    None => say(&format!("building the worker: cargo build --package {package}")),
                    Some(_) => say(&format!("building the worker: cargo build --manifest-path {folder}/Cargo.toml")),
                }
            }
            said.push_str(&line);
            said.push('\n');
        }
        let program = messages.join().ok().flatten();
        match (cargo.wait(), program) {
            (Ok(status), Some(program)) if status.success() => Ok(program),
            _ => Err(fault(format!("cargo says\n{said}"))),
        }
    }

    /// The worker in the first of these folders that has it.
    fn installed(&self, mut folders: impl Iterator<Item = PathBuf>) -> Result<PathBuf, Error> {
        let (package, folder) = self.package;
        let file = format!("{package}{}", std::env::consts::EXE_SUFFIX);
        let found = folders.find_map(|folder| Some(folder.join(&file)).filter(|file| file.is_file()));
        found.ok_or_else(|| {
            Error::Worker(format!(
                "find the worker of {}: `{package}` is neither beside this program nor in the PATH; `cargo install --path {folder}` in the repository installs it",
                self.name
            ))
        })
    }
}

/// Cargo's target folder: the one that holds this program, `target/debug/xtask`, or else the repository's own.
fn target_folder(root: &Path, own: &Path) -> PathBuf {
    let above = own.ancestors().skip(1).find(|folder| folder.join("CACHEDIR.TAG").is_file());
    above.map_or_else(|| root.join("target"), Path::to_owned)
}

/// The profile that a program in this folder was built in.
fn profile(own: &Path) -> &str {
    match own.parent().and_then(Path::file_name).and_then(|folder| folder.to_str()) {
        None | Some("debug") => "dev",
        Some(other) => other,
    }
}

/// The file of a program, if that is what cargo's message is about.
fn executable(message: &str, program: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let own = message["reason"] == "compiler-artifact" && message["target"]["name"] == program;
    own.then(|| message["executable"].as_str().map(PathBuf::from))?
}

#[cfg(test)]
mod tests {
    use array_assay_harness::gate::Baseline;

    use super::*;
    use crate::exit::Exit;

    #[test]
    fn shipped_baselines_name_what_exists() {
        for RustBackend { baseline: (path, text), .. } in ALL {
            Baseline::parse(path, text).unwrap_or_else(|error| panic!("failed to {error}"));
        }
    }

    #[test]
    fn a_worker_that_is_not_installed_says_how_to_get_it() {
        let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = full.path().join(format!("array-assay-ndarray{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(&file, "").unwrap();
        let folders = |which: &[&tempfile::TempDir]| which.iter().map(|dir| dir.path().to_owned()).collect::<Vec<_>>().into_iter();
        assert_eq!(NDARRAY.installed(folders(&[&empty, &full])).unwrap(), file);
        let error = NDARRAY.installed(folders(&[&empty])).unwrap_err();
        assert!(error.to_string().contains("cargo install --path backends/ndarray"), "{error}");
        assert_eq!(error.exit(), Exit::Backend);
        for RustBackend { package: (name, folder), .. } in ALL {
            let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("Cargo.toml");
            assert!(std::fs::read_to_string(manifest).unwrap().contains(&format!("name = \"{name}\"")), "{name}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_part_that_a_worker_lacks_is_the_error() {
        let echo = Path::new("/bin/echo");
        let error = CUDA.is_complete(echo, &["find a GPU: there is none"]).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.exit()), ("find a GPU: there is none", Exit::Backend));
        assert!(CUDA.is_complete(echo, &["-n"]).is_ok());
    }

    #[test]
    fn the_worker_of_a_release_is_a_release() {
        assert_eq!(
            ["target/debug/xtask", "target/release/xtask", "xtask"].map(|own| profile(Path::new(own)).to_owned()),
            ["dev", "release", "dev"]
        );
    }

    #[test]
    fn a_program_is_found_among_the_messages_of_cargo() {
        let message =
            |reason: &str, name: &str, file: &str| format!(r#"{{"reason":"{reason}","target":{{"name":"{name}"}},"executable":{file}}}"#);
        assert_eq!(executable(&message("compiler-artifact", "worker", r#""/t/debug/worker""#), "worker"), Some("/t/debug/worker".into()));
        for other in [
            message("compiler-artifact", "worker", "null"),
            message("compiler-artifact", "other", r#""/t/debug/other""#),
            message("build-script-executed", "worker", "null"),
            "no JSON".to_owned(),
        ] {
            assert_eq!(executable(&other, "worker"), None, "{other}");
        }
    }
}
