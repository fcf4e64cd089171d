//! A library whose set-up fails at one name or one dtype. Only the verdicts on these change.
//!
//! The first run installs NumPy into the target folder; later ones need no network.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use array_assay_format::{Results, Verdict};

use crate::command_line::{TOOL, folder, results_file};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// The checks that are judged.
const SELECT: [&str; 4] = ["elementwise/add", "elementwise/negative", "linalg/trace", "data_type/uint64"];

/// Judges the module with faults; the verdicts by check and dtype, and what was said.
fn verdicts(faults: &str) -> (BTreeMap<(String, String), Verdict>, String) {
    verdicts_on("python:fragile", &SELECT, faults)
}

/// Judges a module on the selected functions, with faults; the verdicts by check and dtype, and what was said.
fn verdicts_on(module: &str, select: &[&str], faults: &str) -> (BTreeMap<(String, String), Verdict>, String) {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let numpy =
        array_assay_python::named("numpy", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let dir = folder();
    let mut command = Command::new(TOOL);
    command.args(["conform", module, "--cases=40", "--jobs=1", "--timeout=2", "--out=out", "--no-baseline"]);
    command.args(select.iter().map(|select| format!("--select={select}"))).arg("--python").arg(numpy.program);
    command.current_dir(dir.path()).env_remove("CARGO_MANIFEST_DIR").env("XDG_CACHE_HOME", dir.path());
    command.env("PYTHONPATH", FIXTURES).env("PYTHONDONTWRITEBYTECODE", "1").env("FRAGILE", faults);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(matches!(status.code(), Some(0 | 1)), "{faults}: {status}\n{said}");
    let mut out = BTreeMap::new();
    for check in Results::read(&results_file(dir.path())).unwrap().checks {
        out.insert((check.id.to_string(), String::new()), check.verdict);
        out.extend(check.cells.iter().map(|cell| ((check.id.to_string(), cell.dtype.clone()), cell.verdict)));
    }
    (out, said)
}

fn sound() -> &'static BTreeMap<(String, String), Verdict> {
    static SOUND: OnceLock<BTreeMap<(String, String), Verdict>> = OnceLock::new();
    SOUND.get_or_init(|| verdicts("").0)
}

/// Asserts that the verdict on `check` is as said and that the other functions have the verdicts that they have without a fault.
#[track_caller]
fn assert_alone(fault: &str, check: &str, verdict: Verdict) {
    let (found, said) = verdicts(fault);
    let of = |id: &str| found.get(&(id.to_owned(), String::new())).copied();
    assert_eq!(of(check), Some(verdict), "{fault}\n{said}");
    assert!(said.contains("which is left out"), "{fault}\n{said}");
    let function = check.split("::").next().unwrap_or_default();
    let others = |all: &BTreeMap<(String, String), Verdict>| {
        all.iter().filter(|((id, _), _)| !id.starts_with(function)).map(|(key, v)| (key.clone(), *v)).collect::<Vec<_>>()
    };
    assert_eq!(others(&found), others(sound()), "{fault}: other functions are not concerned");
}

#[test]
fn a_name_that_ends_or_blocks_the_process_is_one_verdict() {
    assert_alone("negative-crashes", "elementwise/negative::present", Verdict::Crash);
    assert_alone("signature-hangs", "elementwise/negative::present", Verdict::Timeout);
    assert_alone("linalg-crashes", "linalg/trace::present", Verdict::Crash);
}

#[test]
fn a_dtype_that_ends_or_blocks_the_process_concerns_no_other() {
    for fault in ["uint64-crashes", "uint64-hangs"] {
        let (found, said) = verdicts(fault);
        assert!(said.contains("`arrays of uint64`, which is left out"), "{fault}\n{said}");
        // The arrays are NumPy's own and are made without `asarray`, so that even those of uint64 are judged.
        assert_eq!(found, *sound(), "{fault}");
    }
}

#[test]
fn what_a_library_says_of_itself_cannot_end_the_run() {
    for fault in ["info-crashes", "signature-exits", "capabilities-surrogate"] {
        let (found, said) = verdicts(fault);
        for id in ["elementwise/add::value", "elementwise/negative::value", "linalg/trace::value"] {
            assert_eq!(found[&(id.to_owned(), String::new())], Verdict::Pass, "{fault}: {id}\n{said}");
        }
    }
}

#[test]
fn arrays_of_rank_zero_that_deny_it_are_one_finding() {
    let (found, said) = verdicts_on("python:flat", &["elementwise/add", "statistical/sum"], "");
    assert!(said.contains("arrays of rank 0: array(True, dtype=bool) came back as array that says shape (1,)"), "{said}");
    let of = |id: &str| found.get(&(id.to_owned(), String::new())).copied();
    for property in ["call", "type", "dtype", "shape", "value"] {
        assert_eq!(of(&format!("elementwise/add::{property}")), Some(Verdict::Pass), "{said}");
    }
    assert_eq!(of("statistical/sum::type"), Some(Verdict::Fail), "{said}");
}

#[test]
fn a_known_library_takes_nothing_from_the_working_directory() {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let dir = folder();
    for module in ["msgpack", "numpy", "json", "argparse", "signal"] {
        std::fs::write(dir.path().join(format!("{module}.py")), "raise SystemExit('taken from the working directory')\n").unwrap();
    }
    let mut command = Command::new(TOOL);
    command.args(["conform", "numpy", "--select=elementwise/add", "--cases=20", "--jobs=1", "--out=out"]);
    command.current_dir(dir.path()).env_remove("CARGO_MANIFEST_DIR");
    // The environments of the other tests.
    std::os::unix::fs::symlink(state, dir.path().join("array-assay")).unwrap();
    command.env("XDG_CACHE_HOME", dir.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn two_modules_of_one_name_do_not_share_a_folder() {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let numpy =
        array_assay_python::named("numpy", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let dir = folder();
    let module = "import numpy\n__version__ = numpy.__version__\ndef __getattr__(name):\n    return getattr(numpy, name)\n";
    std::fs::create_dir(dir.path().join("pkg")).unwrap();
    for path in ["a_np.py", "pkg/a_np.py", "pkg/__init__.py"] {
        std::fs::write(dir.path().join(path), module).unwrap();
    }
    let conform = |names: &[&str]| {
        let mut command = Command::new(TOOL);
        command.arg("conform").args(names).args(["--select=elementwise/add", "--cases=20", "--jobs=1", "--out=out"]);
        command.arg("--python").arg(&numpy.program).current_dir(dir.path());
        command.env_remove("CARGO_MANIFEST_DIR").env("XDG_CACHE_HOME", dir.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    // In one command, and one after the other.
    conform(&["python:a_np", "python:pkg.a_np"]);
    conform(&["python:pkg.a_np"]);
    conform(&["python:a_np"]);
    let folders = std::fs::read_dir(dir.path().join("out")).unwrap().map(|entry| entry.unwrap().path().join("results.jsonl"));
    let mut names: Vec<String> =
        folders.filter(|file| file.is_file()).map(|file| Results::read(&file).unwrap().header.backend.name).collect();
    names.sort();
    assert_eq!(names, ["python:a_np", "python:pkg.a_np"]);
}
