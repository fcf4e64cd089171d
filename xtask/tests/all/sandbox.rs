//! The recipe of SECURITY.md for a library that is not trusted: its worker runs in a sandbox without network, and judges as outside.
//!
//! The first run installs NumPy into the target folder; later ones need no network. Skipped where bubblewrap cannot make a sandbox.

use std::path::Path;
use std::process::Command;

use array_assay_format::{Results, Verdict};

/// The words of the recipe before the worker's own.
const SANDBOX: &str = "bwrap --unshare-all --die-with-parent --ro-bind / / --tmpfs /tmp --proc /proc --dev /dev";

fn has_sandbox() -> bool {
    let mut words = SANDBOX.split(' ');
    let program = words.next().expect("it has words");
    Command::new(program).args(words).arg("true").output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_worker_in_a_sandbox_judges_as_outside_and_has_no_network() {
    let security = include_str!("../../../SECURITY.md");
    assert!(security.contains(SANDBOX), "the recipe of SECURITY.md is the one that is tried here");
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    if !has_sandbox() || state.starts_with("/tmp") {
        eprintln!(
            "skipped: bubblewrap is not installed or may not make a sandbox, or the target folder lies in /tmp, which the sandbox hides"
        );
        return;
    }
    let numpy =
        array_assay_python::named("numpy", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"));
    // A folder below /tmp would not be seen inside.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // NumPy, and a check that fails if anything but the loopback is there.
    let module = "import socket\nfrom numpy import *\nfrom numpy import __array_namespace_info__, __version__\n\
                  networks = [name for _, name in socket.if_nameindex() if name != 'lo']\nassert not networks, networks\n";
    std::fs::write(folder.path().join("caged.py"), module).unwrap();
    let worker = numpy.args.iter().map(Path::new).find(|arg| arg.is_absolute()).expect("the command names the worker");
    let inside =
        format!("--setenv PYTHONPATH '{}' '{}' '{}' --module caged", folder.path().display(), numpy.program.display(), worker.display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_array-assay"));
    command.args(["conform", "--cases=20", "--select=elementwise/add", "--select=linalg/svd", "--jobs=1", "--no-baseline", "--out=out"]);
    command.arg(format!("exec:{SANDBOX} {inside}"));
    command.current_dir(folder.path()).env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", state);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let files: Vec<_> = std::fs::read_dir(folder.path().join("out")).unwrap_or_else(|error| panic!("{error}\n{said}")).flatten().collect();
    let file = files.iter().map(|entry| entry.path().join("results.jsonl")).find(|path| path.exists());
    let results = Results::read(&file.unwrap_or_else(|| panic!("no results\n{said}"))).unwrap();
    let call = |id: &str| results.checks.iter().find(|check| check.id.to_string() == id).unwrap().verdict;
    assert_eq!([call("elementwise/add::value"), call("linalg/svd::shape")], [Verdict::Pass; 2], "{said}");
}
