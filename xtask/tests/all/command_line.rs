//! The command line as a user meets it: exit codes, files, messages.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use array_assay_format::{Check, Footer, Results, Verdict};
use array_assay_harness::gate::Baseline;

pub const TOOL: &str = env!("CARGO_BIN_EXE_array-assay");
const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../harness/tests/misbehaving/tiny_worker.py");

/// What a command gave.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the tool outside of any workspace, in `dir`. The words are split at blanks.
fn array_assay(dir: &Path, line: &str) -> Said {
    run(dir, &line.split_whitespace().collect::<Vec<_>>())
}

pub fn run(dir: &Path, args: &[&str]) -> Said {
    let mut command = Command::new(TOOL);
    command.args(args).current_dir(dir).env_remove("CARGO_MANIFEST_DIR").env("XDG_CACHE_HOME", dir);
    // A group of its own, so that a worker's Ctrl-C reaches this run alone.
    let Output { status, stdout, stderr } = command.process_group(0).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: status.code().expect("no signal ended it"), out: text(stdout), err: text(stderr) }
}

impl Said {
    /// Asserts the exit code; gives stdout.
    #[track_caller]
    pub fn exits(self, code: i32) -> String {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self.out
    }

    /// Asserts the exit code and that stderr speaks of something.
    #[track_caller]
    pub fn fails(self, code: i32, of: &str) {
        assert!(self.err.contains(of), "`{of}` is not in:\n{}", self.err);
        self.exits(code);
    }
}

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The name of the tiny worker with a fault. The interpreter itself: a version manager's wrapper would not hand signals on.
pub fn tiny(fault: &str, state: &Path) -> String {
    static PYTHON: OnceLock<String> = OnceLock::new();
    let python = PYTHON.get_or_init(|| {
        let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().expect("a python3 in the PATH");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    });
    format!("exec:{python} -I -S {TINY} {fault} --state {}", state.join("state").display())
}

pub const FUNCTIONS: [&str; 4] = ["abs", "isnan", "negative", "sqrt"];

/// Runs the tiny worker over some functions.
pub fn conform_tiny(dir: &Path, fault: &str, more: &[&str]) -> Said {
    let backend = tiny(fault, dir);
    let select: Vec<String> = FUNCTIONS.iter().map(|name| format!("--select=elementwise/{name}")).collect();
    let mut args = vec!["conform", &backend, "--jobs=1", "--out=out"];
    args.extend(select.iter().map(String::as_str));
    args.extend(more);
    if !more.iter().any(|arg| arg.starts_with("--cases")) {
        args.push("--cases=60");
    }
    run(dir, &args)
}

/// The only results file of the runs in the folder `out` of the folder.
pub fn results_file(dir: &Path) -> PathBuf {
    results_below(&dir.join("out"))
}

/// The only results file below the folder.
pub fn results_below(dir: &Path) -> PathBuf {
    only_file(dir, "results.jsonl")
}

/// The only file with the results of a stopped run in the folder `out` of the folder.
pub fn partial_file(dir: &Path) -> PathBuf {
    only_file(&dir.join("out"), "results.jsonl.partial")
}

fn only_file(dir: &Path, name: &str) -> PathBuf {
    let files: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path().join(name)).filter(|path| path.is_file()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

/// Its checks by id.
fn checks(file: &Path) -> Vec<Check> {
    let mut checks = Results::read(file).unwrap().checks;
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    checks
}

/// The reference with a fault, as an external worker.
fn mutant(name: &str) -> String {
    format!("exec:{TOOL} worker reference --mutant elementwise/{name}")
}

#[test]
fn a_clean_run_writes_results_and_report() {
    let dir = folder();
    let out = array_assay(dir.path(), "conform reference --select elementwise/add --cases 1000 --out out").exits(0);
    assert!(out.contains("index.html"), "{out}");
    let results = Results::read(&dir.path().join("out/reference/results.jsonl")).unwrap();
    assert!(!results.checks.is_empty() && results.checks.iter().all(|check| check.verdict == Verdict::Pass));
    assert_eq!((results.header.seed, results.header.cases, results.footer.checks as usize), (0, 1000, results.checks.len()));
    for page in ["out/index.html", "out/reference/junit.xml"] {
        assert!(dir.path().join(page).is_file(), "{page}");
    }
}

#[test]
fn errors_have_their_exit_codes_and_say_what_to_do() {
    let dir = folder();
    let dir = dir.path();
    array_assay(dir, "conform --cases 0").fails(2, "--cases");
    array_assay(dir, "conform reference --level maybe").fails(2, "must");
    array_assay(dir, "conform reference --revision 2020.12").fails(2, "2021.12");
    array_assay(dir, "conform reference --shard 3/2").fails(2, "I/N");
    array_assay(dir, "conform reference --timeout 0").fails(2, "--timeout");
    array_assay(dir, "conform nosuch --out out").fails(2, "exec:COMMAND");
    array_assay(dir, "conform reference --select elementwise/nosuch --out out").fails(4, "elementwise/nosuch");
    array_assay(dir, "conform reference --select elementwise/adds --out out").fails(4, "did you mean `elementwise/add`");
    array_assay(dir, "conform refrence --select elementwise/add --out out").fails(2, "did you mean `reference`");
    array_assay(dir, "conform reference --dtype flaot32 --out out").fails(2, "did you mean `float32`");
    array_assay(dir, "conform exec:/nowhere/to/be/found --out out").fails(3, "/nowhere/to/be/found");
    array_assay(dir, "conform exec:false --select elementwise/abs --out out").fails(3, "before it said who it is");
    conform_tiny(dir, "exits-at-once", &[]).fails(3, "no such library: tiny");
    conform_tiny(dir, "corrupts", &[]).fails(3, "nothing was judged");
    array_assay(dir, "report nowhere.jsonl").fails(2, "nowhere.jsonl");
    assert!(array_assay(dir, "--version").exits(0).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn deviations_show_and_compare_and_repro_name_them() {
    let dir = folder();
    let dir = dir.path();
    let conform = |backend: &str, out: &str| run(dir, &["conform", backend, "--select=elementwise/add", "--cases=50", "--out", out]);
    conform("reference", "clean").exits(0);
    let out = conform(&mutant("add:wrong-value-on=float32"), "out").exits(1);
    assert!(out.contains("elementwise/add::value") && out.contains("float32"), "{out}");
    let (clean, faulty) = (dir.join("clean/reference/results.jsonl"), results_file(dir));
    let (clean, faulty) = (clean.to_str().unwrap(), faulty.to_str().unwrap());

    assert!(run(dir, &["compare", clean, clean]).exits(0).contains("nothing changed"));
    let out = run(dir, &["compare", clean, faulty]).exits(1);
    assert!(out.contains("broken") && out.contains("elementwise/add::value  must  pass -> fail  wrong-value"), "{out}");
    let out = run(dir, &["compare", faulty, clean]).exits(0);
    assert!(out.contains("fixed") && out.contains("no regressions"), "{out}");

    let out = run(dir, &["repro", faulty, "elementwise/add::value"]).exits(0);
    assert!(
        out.contains("wrong-value in `add(") && out.contains("- expected: ") && out.contains("(check `elementwise/add::value`, seed 0)"),
        "{out}"
    );
    assert!(run(dir, &["repro", faulty, "elementwise/add::shape"]).exits(4).contains("has no deviation to show: its verdict is pass"));
    run(dir, &["repro", faulty, "elementwise/abs::shape"]).fails(2, "did not run there");
    run(dir, &["repro", faulty, "elementwise/ad::value"]).fails(2, "did you mean `elementwise/add::value`");
    run(dir, &["repro", faulty, "elementwise/add::value", "--dtype=flaot32"]).fails(2, "did you mean `float32`");
    run(dir, &["repro", faulty, "elementwise/add::value", "--dtype=bfloat16"]).fails(2, "find the dtype `bfloat16`");
    let out = run(dir, &["repro", faulty, "elementwise/add::value", "--dtype=int8"]).exits(4);
    assert!(out.contains("has no deviation on int8 to show: its verdict there is pass"), "{out}");

    run(dir, &["report", clean, faulty, "--out", "both"]).exits(0);
    assert!(dir.join("both/index.html").is_file());
}

#[test]
fn counterexamples_of_whole_calls_are_small() {
    let dir = folder();
    for (function, fault, check) in [
        ("manipulation/flip", "last-element-skipped", "value"),
        ("manipulation/concat", "wrong-value-on=float32", "value"),
        ("manipulation/reshape", "input-overwritten", "pure"),
        ("sorting/sort", "wrong-dtype-on=int8", "dtype"),
        ("statistical/sum", "raises-on=float64", "call"),
    ] {
        let backend = format!("exec:{TOOL} worker reference --mutant {function}:{fault}");
        let out = dir.path().join(check).join(function);
        let (out, select) = (out.to_str().unwrap(), format!("--select={function}"));
        run(dir.path(), &["conform", &backend, &select, "--cases=200", "--jobs=1", "--out", out]).exits(1);
        let file = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path().join("results.jsonl")).find(|file| file.is_file());
        let id = format!("{function}::{check}");
        let checks = checks(&file.unwrap());
        let cells = &checks.iter().find(|c| c.id.to_string() == id).unwrap().cells;
        let programs: Vec<_> = cells.iter().filter_map(|cell| cell.counterexample.as_ref()).map(|found| &found.program).collect();
        let elements = |program: &array_assay_interface::Program| program.inputs.iter().map(|array| array.len()).sum::<usize>();
        assert!(elements(programs[0]) <= 4, "{id}: {:?}", programs[0]);
        // Further cells are not simplified in full.
        for program in programs {
            assert!(elements(program) <= 24, "{id}: {program:?}");
            assert_eq!(program.returns.len() > 1, check == "pure", "{id}: only what the check is about is observed");
        }
    }
}

#[test]
fn what_fails_after_other_calls_alone_is_shown_after_the_fewest() {
    let dir = folder();
    for function in ["manipulation/flip", "elementwise/add", "array/__isub__", "sorting/sort"] {
        let backend = format!("exec:{TOOL} worker reference --mutant {function}:wrong-after-calls");
        let out = dir.path().join(function);
        let (out, select) = (out.to_str().unwrap(), format!("--select={function}"));
        run(dir.path(), &["conform", &backend, &select, "--jobs=1", "--out", out]).exits(1);
        let file = std::fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path().join("results.jsonl")).find(|file| file.is_file());
        let checks = checks(&file.unwrap());
        let value = checks.iter().find(|c| c.id.to_string() == format!("{function}::value")).unwrap();
        for found in value.cells.iter().filter_map(|cell| cell.counterexample.as_ref()) {
            // The fault needs two results before the call under test; each that was written to takes two steps, and so does a last copy.
            let before = found.program.steps.len() - 1;
            assert!((2..=4).contains(&before), "{function}: {:?}", found.program);
            assert_eq!(found.step, Some(before as u32), "{function}");
            assert!(found.note.as_ref().is_some_and(|note| note.starts_with("only seen after ")), "{function}: {:?}", found.note);
        }
    }
}

#[test]
fn a_baseline_names_what_is_known() {
    let dir = folder();
    let dir = dir.path();
    let conform = |fault: &str, more: &[&str]| {
        let backend = mutant(fault);
        run(dir, &[&["conform", &backend, "--select=elementwise/add", "--cases=50", "--out=out"], more].concat())
    };
    let fault = "add:wrong-value-on=float32";
    conform(fault, &["--baseline=known.yaml", "--update-baseline"]).exits(0);
    conform(fault, &["--baseline=known.yaml"]).exits(0);
    conform(fault, &["--baseline=known.yaml", "--no-baseline"]).exits(1);
    let known = std::fs::read_to_string(dir.join("known.yaml")).unwrap();
    assert!(known.contains("  cause: wrong-value\n  dtypes: [float32") && !known.contains("float64"), "{known}");
    let out = conform("add:wrong-value-on=float64", &["--baseline=known.yaml"]).exits(1);
    assert!(out.contains("new: elementwise/add::value  wrong-value: float64"), "{out}");
    // A file without dtypes, as older versions wrote it, excuses all of them.
    let any: String =
        known.lines().filter(|line| !line.contains("dtypes:") && !line.contains("kinds:")).map(|line| format!("{line}\n")).collect();
    std::fs::write(dir.join("any.yaml"), any).unwrap();
    conform("add:wrong-value-on=float64", &["--baseline=any.yaml"]).exits(0);
    let out = conform("subtract:hidden", &["--baseline=known.yaml"]).exits(1);
    assert!(out.contains("stale: elementwise/add::value (wrong-value)"), "{out}");
    let now_and_then = known.replace("  cause: wrong-value\n", "  cause: wrong-value\n  intermittent: true\n");
    std::fs::write(dir.join("intermittent.yaml"), &now_and_then).unwrap();
    conform(fault, &["--baseline=intermittent.yaml"]).exits(0);
    conform("subtract:hidden", &["--baseline=intermittent.yaml"]).exits(0);
    for fault in [fault, "subtract:hidden"] {
        conform(fault, &["--baseline=intermittent.yaml", "--update-baseline"]).exits(0);
        let updated = std::fs::read_to_string(dir.join("intermittent.yaml")).unwrap();
        assert_eq!(updated.matches("intermittent: true").count(), now_and_then.matches("intermittent: true").count(), "{updated}");
    }
    conform(fault, &["--baseline=nowhere.yaml"]).fails(2, "nowhere.yaml");
    for (right, wrong) in [("add::value", "add::valeu"), ("wrong-value", "wrong-valeu"), ("float32", "float23")] {
        std::fs::write(dir.join("misspelt.yaml"), known.replace(right, wrong)).unwrap();
        conform(fault, &["--baseline=misspelt.yaml"]).fails(2, "did you mean");
    }
}

#[test]
fn shipped_baselines_name_what_exists() {
    let shipped: Vec<_> =
        array_assay_python::libraries().iter().filter_map(|library| array_assay_python::baseline(&library.name)).collect();
    assert!(shipped.len() > 10);
    for (path, text) in shipped {
        Baseline::parse(path, text).unwrap_or_else(|error| panic!("failed to {error}"));
    }
}

#[test]
fn a_baseline_is_made_from_results() {
    let dir = folder();
    let dir = dir.path();
    let fault = mutant("add:wrong-value-on=float32");
    let conform = |seed: u32, more: &[&str]| {
        let (seed, out) = (format!("--seed={seed}"), format!("--out=out{seed}"));
        run(dir, &[&["conform", &fault, "--select=elementwise/add", "--cases=50", "--jobs=1", &seed, &out], more].concat())
    };
    let file = |seed: u32| {
        let mut inside =
            std::fs::read_dir(dir.join(format!("out{seed}"))).unwrap().map(|entry| entry.unwrap().path().join("results.jsonl"));
        inside.find(|path| path.is_file()).unwrap().to_str().unwrap().to_owned()
    };
    conform(0, &[]).exits(1);
    conform(1, &[]).exits(1);
    run(dir, &["baseline", "update", &file(0)]).fails(2, "--baseline FILE");
    let out = run(dir, &["baseline", "update", &file(0), &file(1), "--baseline", "made.yaml"]).exits(0);
    assert!(out.contains("without an explanation") && out.contains("elementwise/add::value  wrong-value: float32"), "{out}");
    for seed in [0, 1] {
        conform(seed, &["--baseline=made.yaml"]).exits(0);
    }
    // A run that updates a baseline writes the same as the command makes of its results.
    conform(0, &["--baseline=one.yaml", "--update-baseline"]).exits(0);
    run(dir, &["baseline", "update", &file(0), "--baseline", "other.yaml"]).exits(0);
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    assert_eq!(read("one.yaml"), read("other.yaml"));
    assert!(array_assay(dir, "baseline update --help").exits(0).contains("intermittent: true"));
}

#[test]
fn a_finished_run_is_not_run_again() {
    let dir = folder();
    let dir = dir.path();
    let counted = |more: &[&str]| conform_tiny(dir, "raises:negative:float32", more);
    counted(&[]).exits(1);
    let file = results_file(dir);
    let before = std::fs::read(&file).unwrap();
    std::fs::remove_file(file.with_file_name("junit.xml")).unwrap();
    let said = counted(&["--resume"]);
    assert!(said.err.contains("nothing is left to run"), "{}", said.err);
    let out = said.exits(1);
    assert!(out.contains("elementwise/negative::call") && out.contains("unexpected deviation"), "{out}");
    assert_eq!(std::fs::read(&file).unwrap(), before, "the footer holds times, so that a second run would show");
    assert!(file.with_file_name("junit.xml").is_file());
    counted(&["--resume", "--seed=1"]).fails(2, "give the same options");
}

#[test]
fn a_function_is_complete_where_its_last_record_is() {
    let dir = folder();
    let dir = dir.path();
    // Two functions of one name, in two categories.
    let line = "conform reference --select elementwise/equal --select array/__eq__ --select data_type/__eq__ --cases 20 --jobs 1 --out out";
    array_assay(dir, line).exits(0);
    let file = results_file(dir);
    let whole = checks(&file);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let marks = lines.iter().filter(|line| line.contains("\"last_of_function\":true")).count();
    assert_eq!(marks, 3, "one for each function");
    // Cut off within the second function: the first one stays, the others run.
    let second = lines.iter().position(|line| line.contains("\"last_of_function\":true")).unwrap() + 2;
    std::fs::write(&file, lines[..second].join("\n") + "\n").unwrap();
    array_assay(dir, &format!("{line} --resume")).exits(0);
    assert_eq!(checks(&file), whole);
    // What another version of the library left is not mixed with this one's.
    let version = Results::read(&file).unwrap().header.backend.version;
    let other =
        lines[..second].join("\n").replacen(&format!("\"version\":\"{version}\",\"language\""), "\"version\":\"0\",\"language\"", 1);
    std::fs::write(&file, other + "\n").unwrap();
    array_assay(dir, &format!("{line} --resume")).fails(2, "run without --resume");
}

#[test]
fn shards_are_merged_and_strangers_refused() {
    let dir = folder();
    let dir = dir.path();
    let conform = |more: &str| array_assay(dir, &format!("conform reference --select elementwise/log* --cases 20 {more}"));
    conform("--out whole").exits(0);
    conform("--shard 1/2 --out one").exits(0);
    conform("--shard 2/2 --out two").exits(0);
    conform("--shard 2/2 --seed 1 --out other").exits(0);
    let merge = |files: &str| array_assay(dir, &format!("merge {files} --out merged.jsonl"));
    let out = merge("one/reference/results.jsonl two/reference/results.jsonl").exits(0);
    assert!(out.contains("no unexpected deviation") && dir.join("junit.xml").is_file(), "{out}");
    assert_eq!(checks(&dir.join("merged.jsonl")), checks(&dir.join("whole/reference/results.jsonl")));
    let again = "run it again:\n  array-assay conform reference --seed 0 --cases 20 --select 'elementwise/log*' --shard 2/2";
    merge("one/reference/results.jsonl").fails(2, &format!("1 of 2 missing: 2; {again}"));
    merge("one/reference/results.jsonl one/reference/results.jsonl").fails(2, "twice");
    merge("one/reference/results.jsonl other/reference/results.jsonl").fails(2, "seed");
    merge("whole/reference/results.jsonl").fails(2, "--shard");
}

#[test]
fn merged_shards_are_judged_as_a_run() {
    let dir = folder();
    let dir = dir.path();
    let fault = mutant("add:wrong-value-on=float32");
    let mut shards = Vec::new();
    for shard in ["1/2", "2/2"] {
        let out = format!("out{}", &shard[..1]);
        let args = ["--select=elementwise/a*", "--cases=50", "--shard", shard, "--jobs=1", "--out", &out];
        run(dir, &[&["conform", &fault], &args[..]].concat());
        let inside = std::fs::read_dir(dir.join(&out)).unwrap().map(|entry| entry.unwrap().path().join("results.jsonl"));
        shards.extend(inside.filter(|path| path.is_file()).map(|path| path.to_str().unwrap().to_owned()));
    }
    let merge = |more: &[&str]| run(dir, &[&["merge", &shards[0], &shards[1], "--out", "whole.jsonl"], more].concat());
    let out = merge(&[]).exits(1);
    assert!(out.contains("elementwise/add::value") && out.contains(" unexpected deviations; 0 known"), "{out}");
    assert!(std::fs::read_to_string(dir.join("junit.xml")).unwrap().contains("elementwise/add::value"));
    merge(&["--baseline=known.yaml", "--update-baseline"]).exits(0);
    merge(&["--baseline=known.yaml"]).exits(0);
    merge(&["--revision=2020.12"]).fails(2, "2021.12");
}

#[test]
fn runs_are_compared_in_what_both_ran() {
    let dir = folder();
    let dir = dir.path();
    array_assay(dir, "conform reference --select elementwise/abs --select elementwise/add --cases 20 --out whole").exits(0);
    array_assay(dir, "conform reference --select elementwise/abs --cases 20 --out part").exits(0);
    array_assay(dir, "conform reference --select elementwise/abs --dtype int8 --cases 20 --out one").exits(0);
    let compare =
        |old: &str, new: &str| array_assay(dir, &format!("compare {old}/reference/results.jsonl {new}/reference/results.jsonl")).exits(0);
    let out = compare("whole", "part");
    assert!(out.contains("not compared: ") && out.contains(" only in the old run: "), "{out}");
    assert!(out.contains("the new run has --select elementwise/abs") && out.contains("nothing changed among the "), "{out}");
    let out = compare("part", "one");
    assert!(out.contains(" only in one run: ") && out.contains("the new run has --dtype int8"), "{out}");
    assert!(!out.contains("fixed") && !out.contains("broken"), "{out}");
}

#[test]
fn a_truncated_file_is_refused() {
    let dir = folder();
    let dir = dir.path();
    array_assay(dir, "conform reference --select elementwise/abs --cases 20 --out out").exits(0);
    let whole = std::fs::read_to_string(results_file(dir)).unwrap();
    let without_footer = whole.trim_end().rsplit_once('\n').unwrap().0;
    for (text, of) in [
        (format!("{without_footer}\n"), "--resume"),
        (without_footer[..without_footer.len() - 10].to_owned(), "--resume"),
        ("no results\n".to_owned(), "is it a results file?"),
        (String::new(), "is it a results file?"),
        (whole.replacen("\"format\":1", "\"format\":2", 1), "format 2"),
    ] {
        std::fs::write(dir.join("cut.jsonl"), text).unwrap();
        for line in
            ["report cut.jsonl --out cut", "compare cut.jsonl cut.jsonl", "merge cut.jsonl", "repro cut.jsonl elementwise/abs::value"]
        {
            array_assay(dir, line).fails(2, of);
        }
    }
}

#[test]
fn what_a_library_says_is_escaped() {
    let dir = folder();
    let dir = dir.path();
    let backend = format!("{} --name <script>alert(1)</script>", tiny("raises:negative:float32", dir));
    run(dir, &["conform", &backend, "--select=elementwise/negative", "--cases=60", "--out=out"]).exits(1);
    let mut pages = Vec::new();
    let mut folders = vec![dir.join("out")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path)
            } else if path.extension().is_some_and(|e| e == "html" || e == "xml") {
                pages.push(path)
            }
        }
    }
    let texts: Vec<String> = pages.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for (page, text) in pages.iter().zip(&texts) {
        assert!(!text.contains("<script>alert"), "{} runs what a library says", page.display());
    }
    assert!(texts.iter().any(|text| text.contains("&lt;script&gt;alert(1)")), "the name is shown");
    assert!(texts.iter().any(|text| text.contains("alert(2)")), "the message is shown");
}

#[test]
fn a_killed_worker_costs_no_record_and_is_shown() {
    let (plain, killed) = (folder(), folder());
    conform_tiny(plain.path(), "none", &[]);
    let out = conform_tiny(killed.path(), "killed-at-fifth:negative", &[]).exits(1);
    assert!(out.contains("elementwise/negative::call") && out.contains("flaky"), "{out}");
    let all = |folder: &tempfile::TempDir| checks(&results_file(folder.path()));
    let others = |checks: Vec<Check>| checks.into_iter().filter(|c| c.id.to_string() != "elementwise/negative::call").collect::<Vec<_>>();
    let ids = |checks: &[Check]| checks.iter().map(|check| check.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&all(&plain)), ids(&all(&killed)));
    assert_eq!(others(all(&plain)), others(all(&killed)));
    assert!(Results::read(&results_file(killed.path())).unwrap().footer.restarts > 0);
    // Whoever knows of it says so.
    conform_tiny(killed.path(), "killed-at-fifth:negative", &["--baseline=known.yaml", "--update-baseline"]).exits(0);
    std::fs::remove_file(killed.path().join("state")).unwrap();
    conform_tiny(killed.path(), "killed-at-fifth:negative", &["--baseline=known.yaml", "--update-baseline"]).exits(0);
    std::fs::remove_file(killed.path().join("state")).unwrap();
    conform_tiny(killed.path(), "killed-at-fifth:negative", &["--baseline=known.yaml"]).exits(0);
}

#[test]
fn what_a_library_says_steers_no_terminal_and_no_runner() {
    let dir = folder();
    let said = conform_tiny(dir.path(), "shouts-at-once", &[]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("\\x1b[2J\\u{61c}\\u{202e}\\x0d\\x00shown\n\\::error file=x::injected"), "{:?}", said.err);
    assert!(!said.err.lines().any(|line| line.trim_start().starts_with("::")), "{}", said.err);
    // A name in every report.
    let backend = format!("{} --name \u{1b}[31m`red`\u{61c}", tiny("wrong-value:negative", dir.path()));
    let conformed = run(dir.path(), &["conform", &backend, "--select=elementwise/negative", "--cases=30", "--out=out", "--jobs=1"]);
    let file = results_file(dir.path());
    let repro = run(dir.path(), &["repro", file.to_str().unwrap(), "elementwise/negative::value"]);
    for text in [&conformed.out, &conformed.err, &repro.out, &repro.err] {
        assert!(!text.contains(['\u{1b}', '\u{61c}', '\0']), "{text:?}");
    }
    assert!(repro.out.starts_with("# \\x1b[31m`red`\\u{61c}: wrong-value in `negative("), "{}", repro.out);
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_or_full_standard_output_is_no_panic_and_the_files_are_there() {
    let conform = |name: &str, stdout: std::process::Stdio| {
        let dir = folder();
        let mut command = Command::new(TOOL);
        command.args(["conform", "reference", "--select=elementwise/add", "--cases=20", "--out=out", "--jobs=1"]);
        command.current_dir(dir.path()).env_remove("CARGO_MANIFEST_DIR").env("XDG_CACHE_HOME", dir.path());
        let output = command.stdout(stdout).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(!err.contains("panicked"), "{name}: {err}");
        for file in ["out/reference/results.jsonl", "out/reference/junit.xml", "out/reference/gate.json", "out/index.html"] {
            assert!(dir.path().join(file).is_file(), "{name}: {file}");
        }
        (output.status.code(), err)
    };
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let (code, err) = conform("full", full.into());
    assert!(code == Some(5) && err.contains("failed to write to standard output"), "{code:?} {err}");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(conform("closed", writer.into()).0, Some(0));
}

#[test]
fn a_selection_that_judges_nothing_does_not_conform() {
    let dir = folder();
    let conform = |more: &str| array_assay(dir.path(), &format!("conform reference --cases 20 --jobs 1 --out out {more}"));
    conform("--select elementwise/add --select elementwise/adds").fails(4, "did you mean `elementwise/add`");
    conform("--select elementwise/bitwise_and --dtype float32").fails(4, "judge --dtype float32: what is selected takes no such arrays");
    conform("--select elementwise/add --dtype int8 --dtype bool").fails(4, "judge --dtype bool");
    conform("--select elementwise/add --dtype int8 --dtype float32").exits(0);
    array_assay(dir.path(), "conform reference --timeout 1e300").fails(2, "at most 86400");
    array_assay(dir.path(), "conform reference --timeout nan").fails(2, "--timeout");
    array_assay(dir.path(), "conform reference --select elementwise/add --cases 20 --jobs 1 --out out --memory 18446744073709551615")
        .exits(0);
    // The library has no complex numbers.
    conform_tiny(dir.path(), "none", &["--dtype=complex64"]).fails(4, "the library does not have it");
}

#[test]
fn a_command_may_have_blanks_in_its_words() {
    let dir = folder();
    let tool = dir.path().join("a folder");
    std::fs::create_dir(&tool).unwrap();
    std::os::unix::fs::symlink(TOOL, tool.join("tool")).unwrap();
    let backend = format!("exec:'{}' worker reference", tool.join("tool").display());
    run(dir.path(), &["conform", &backend, "--select=elementwise/add", "--cases=20", "--jobs=1", "--out=out"]).exits(0);
    run(dir.path(), &["conform", "exec:'unclosed", "--out=out"]).fails(2, "a quotation mark is not closed");
}

#[test]
fn a_verified_run_says_what_all_seeds_find() {
    let dir = folder();
    let fault = mutant("add:wrong-value-on=float32");
    let args = ["conform", &fault, "--select=elementwise/add", "--cases=200", "--jobs=1", "--out=out", "--verify=3"];
    let out = run(dir.path(), &args).exits(1);
    assert!(out.contains("verified with 3 seeds: ") && out.contains(" deviations in all runs, 0 in some"), "{out}");
    let dir = folder();
    let out = conform_tiny(dir.path(), "killed-at-fifth:negative", &["--verify=3"]).exits(1);
    assert!(out.contains("  1 of 3: elementwise/negative::call  crashed  (seed 0)"), "{out}");
}

#[test]
fn polyfills_are_written_over_nothing_of_others() {
    let dir = folder();
    let write = || array_assay(dir.path(), "polyfill --lang rust --out out");
    std::fs::create_dir(dir.path().join("out")).unwrap();
    std::fs::write(dir.path().join("out/README.md"), "mine").unwrap();
    write().fails(2, "did not make");
    assert_eq!(std::fs::read_to_string(dir.path().join("out/README.md")).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(dir.path().join("out")).unwrap().count(), 1, "nothing else is written either");
    std::fs::remove_file(dir.path().join("out/README.md")).unwrap();
    write().exits(0);
    write().exits(0);
    std::fs::write(dir.path().join("out/Cargo.toml"), "changed").unwrap();
    write().fails(2, "out/Cargo.toml");
}

#[test]
fn an_interrupted_run_is_resumed() {
    let (plain, stopped) = (folder(), folder());
    let code = conform_tiny(plain.path(), "none", &[]).code;
    let said = conform_tiny(stopped.path(), "interrupts:negative", &[]);
    assert!(said.code != 0 && said.err.contains("--resume"), "{} {}", said.code, said.err);
    let file = partial_file(stopped.path());
    let (header, done, footer): (_, _, Option<Footer>) = Results::read_partial(&file).unwrap();
    assert_eq!(footer, None);
    let functions: std::collections::BTreeSet<&str> = done.iter().map(|check| check.id.function.as_str()).collect();
    assert!(functions.contains("abs") && !functions.contains("negative") && !functions.contains("sqrt"), "{functions:?}");
    let path = file.to_str().unwrap();
    run(stopped.path(), &["report", path]).fails(2, "--resume");

    // Whoever resumes with other options would mix two runs.
    for other in ["--seed=1", "--cases=61", "--dtype=float32", "--shard=1/2"] {
        conform_tiny(stopped.path(), "interrupts:negative", &["--resume", other]).fails(2, "resume");
        assert_eq!(Results::read_partial(&file).unwrap().0, header, "{other}: the file is left alone");
    }
    conform_tiny(stopped.path(), "interrupts:negative", &["--resume"]).exits(code);
    assert!(!file.exists());
    let file = results_file(stopped.path());
    assert_eq!(checks(&file), checks(&results_file(plain.path())));
    let calls = |file: &Path| Results::read(file).unwrap().footer.calls;
    assert!(calls(&file) < calls(&results_file(plain.path())), "what was done is not done again");
}

#[test]
fn a_stopped_run_leaves_the_results_before_it_and_is_resumed_by_its_like_alone() {
    let dir = folder();
    let code = conform_tiny(dir.path(), "none", &[]).code;
    let whole = std::fs::read(results_file(dir.path())).unwrap();
    assert_eq!(conform_tiny(dir.path(), "interrupts:negative", &[]).code, 1);
    assert_eq!(std::fs::read(results_file(dir.path())).unwrap(), whole, "the last complete results are still there");
    let part = partial_file(dir.path());
    let text = std::fs::read_to_string(&part).unwrap();
    for (before, after, what) in [
        (r#""library":"tiny""#, r#""library":"tinier""#, "library"),
        (r#""version":"1.0","language""#, r#""version":"1.1","language""#, "library's version"),
        (concat!(r#""version":""#, env!("CARGO_PKG_VERSION")), r#""version":"0.0.9"#, "tool"),
        (r#""dtypes":["bool","#, r#""dtypes":["#, "dtypes"),
    ] {
        std::fs::write(&part, text.replacen(before, after, 1)).unwrap();
        assert_ne!(std::fs::read_to_string(&part).unwrap(), text);
        conform_tiny(dir.path(), "interrupts:negative", &["--resume"]).fails(2, &format!("the {what} of the earlier run is"));
        assert_eq!(std::fs::read_to_string(&part).unwrap(), text.replacen(before, after, 1), "it is left alone");
    }
    std::fs::write(&part, text).unwrap();
    conform_tiny(dir.path(), "interrupts:negative", &["--resume"]).exits(code);
    let records = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec())
            .unwrap()
            .lines()
            .skip(1)
            .filter(|line| !line.contains("wall_s"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(records(&std::fs::read(results_file(dir.path())).unwrap()), records(&whole), "byte for byte");
}

#[test]
fn shards_put_together_are_the_run_byte_for_byte() {
    let dir = folder();
    let conform = |more: &str| {
        let select = "--select elementwise/exp --select elementwise/sin --select statistical/* --select linalg/svd --cases 60 --jobs 2";
        array_assay(dir.path(), &format!("conform reference {select} {more}")).exits(0)
    };
    conform("--out whole");
    (1..=3).for_each(|shard| drop(conform(&format!("--shard {shard}/3 --out {shard}"))));
    let shards: Vec<String> = [3, 1, 2].map(|shard| format!("{shard}/reference/results.jsonl")).into();
    array_assay(dir.path(), &format!("merge {} --out merged.jsonl", shards.join(" "))).exits(0);
    let lines = |path: &str| {
        let text = std::fs::read_to_string(dir.path().join(path)).unwrap();
        text.lines().filter(|line| !line.contains("wall_s")).map(str::to_owned).collect::<Vec<_>>()
    };
    let whole = lines("whole/reference/results.jsonl");
    assert!(whole.iter().any(|line| line.contains("mean_ulp")), "means are among the numbers");
    assert_eq!(lines("merged.jsonl"), whole);
    // So it is if the parts are balanced, all by the same file.
    let balance = "--balance whole/reference/results.jsonl";
    (1..=2).for_each(|shard| drop(conform(&format!("--shard {shard}/2 {balance} --out balanced/{shard}"))));
    array_assay(dir.path(), "merge balanced --out merged.jsonl").exits(0);
    assert_eq!(lines("merged.jsonl"), whole);
    conform("--shard 2/2 --balance 1/reference/results.jsonl --out balanced/2");
    array_assay(dir.path(), "merge balanced --out merged.jsonl").fails(2, "balance");
    // To read and to write changes nothing either, the times included.
    let path = dir.path().join("whole/reference/results.jsonl");
    Results::read(&path).unwrap().write(&dir.path().join("again.jsonl")).unwrap();
    assert_eq!(std::fs::read(dir.path().join("again.jsonl")).unwrap(), std::fs::read(&path).unwrap());
    let mut results = Results::read(&path).unwrap();
    results.footer.functions.clear();
    results.write(&dir.path().join("old.jsonl")).unwrap();
    array_assay(dir.path(), "conform reference --shard 1/2 --balance old.jsonl").fails(2, "what each function took");
    array_assay(dir.path(), "conform reference --balance old.jsonl").fails(2, "--shard");
}

#[test]
fn two_external_workers_do_not_share_a_folder() {
    let (a, b, out) = (folder(), folder(), folder());
    let (a, b) = (tiny("none", a.path()) + " --name one", tiny("none", b.path()) + " --name other");
    run(out.path(), &["conform", &a, &b, "--select=elementwise/negative", "--cases=20", "--out=out"]);
    for name in ["one", "other"] {
        assert!(out.path().join("out").join(name).join("results.jsonl").is_file(), "the folder is the worker's own identity");
    }
}

#[test]
fn mutants_are_scored() {
    let dir = folder();
    let out = array_assay(dir.path(), "mutants --select elementwise/sqrt --cases 100").exits(0);
    let last = out.lines().last().unwrap();
    assert!(last.contains("mutants killed (") && last.ends_with(" %)"), "{last}");
    assert_eq!(array_assay(dir.path(), "mutants --select elementwise/nosuch").code, 4);
}

#[test]
fn a_fault_counts_unless_a_reason_says_that_it_cannot_show() {
    let dir = folder();
    let add = array_assay(dir.path(), "mutants --select elementwise/add --reasons").exits(0);
    assert!(add.contains("elementwise/add:arguments-swapped: "), "{add}");
    assert_eq!(array_assay(dir.path(), "mutants --select elementwise/subtract --reasons").exits(0), "");
    let scored = array_assay(dir.path(), "mutants --select elementwise/add --cases 60").out;
    let row = scored.lines().find(|line| line.starts_with("elementwise ")).unwrap_or_else(|| panic!("no row of its category: {scored}"));
    let numbers: Vec<usize> = row.split_whitespace().skip(1).map(|n| n.parse().unwrap()).collect();
    let [killed, survived, cannot_show] = numbers[..] else { panic!("{row}") };
    assert_eq!(cannot_show, add.lines().count(), "{row}");
    assert!(scored.lines().last().unwrap().starts_with(&format!("{killed} of {} mutants killed", killed + survived)), "{scored}");
}

#[test]
fn each_clause_is_killed_by_a_check_that_tests_it() {
    let dir = folder();
    let out = array_assay(dir.path(), "mutants --clauses --select indexing/take --select API_specification/constants --cases 150").exits(0);
    let last = out.lines().last().unwrap();
    let (killed, rest) = last.split_once(" of ").unwrap();
    assert!(rest.starts_with(&format!("{killed} clauses killed")) && killed.parse::<usize>().unwrap() > 8, "{out}");
    // With so few cases no negative index is among them.
    let out = array_assay(dir.path(), "mutants --clauses --select indexing/take --cases 1").exits(1);
    assert!(out.contains("survives          must   indexing/take#index-negative"), "{out}");
    assert_eq!(array_assay(dir.path(), "mutants --clauses --select indexing/nosuch").code, 4);
}

#[test]
fn gaps_are_ranked_and_proposed() {
    let dir = folder();
    let known = array_assay(dir.path(), "gaps").exits(0);
    let place = |name: &str| known.find(&format!("| `{name}(")).unwrap_or_else(|| panic!("no {name} in {known}"));
    assert!(place("at") < place("nanmin") && place("nanmin") < place("flipud"), "those most in demand first: {known}");
    let probed = array_assay(dir.path(), "gaps reference").exits(0);
    assert!(probed.contains("| `nanmin` |") && probed.contains("# Functions of the standard that reference "), "{probed}");
    let rfc = array_assay(dir.path(), "gaps rfc nanmin").exits(0);
    assert!(rfc.starts_with("# RFC: add `nanmin`") && rfc.contains("array-api/issues/621"), "{rfc}");
    array_assay(dir.path(), "gaps rfc nothing").fails(2, "the known gaps are");
}

#[test]
fn gaps_are_judged_where_they_are_selected() {
    let dir = folder();
    let line = "conform reference --select gaps/median --select elementwise/abs::present --cases 20 --jobs 1 --out out";
    let said = array_assay(dir.path(), line).exits(0);
    assert!(said.contains("gaps of the standard (1): 1 in the library, 1 of them pass every check, 0 deviate, 0 absent"), "{said}");
    let results = Results::read(&dir.path().join("out/reference/results.jsonl")).unwrap();
    let ids: Vec<String> = results.checks.iter().map(|check| check.id.to_string()).collect();
    assert!(ids.contains(&"gaps/median::value".to_owned()) && ids.contains(&"elementwise/abs::present".to_owned()), "{ids:?}");
    assert!(dir.path().join("out/gaps.html").is_file());
}

#[test]
fn a_baseline_begins_with_the_lists_of_the_official_test_suite() {
    let dir = folder();
    let list = "# too inaccurate, see https://example.org/7\n\
                array_api_tests/test_operators_and_elementwise_functions.py::test_add[add(x1, x2)]\n\
                array_api_tests/test_operators_and_elementwise_functions.py::test_add[add(x, s)]\n\n\
                array_api_tests/meta/test_utils.py::test_x\n";
    std::fs::write(dir.path().join("xfails.txt"), list).unwrap();
    let import = || array_assay(dir.path(), "baseline import xfails.txt --baseline known.yaml");
    let said = import().exits(0);
    assert!(said.contains("3 tests read, 1 entries written to known.yaml"), "{said}");
    assert!(said.contains("no check corresponds to 1 of them:\n  xfails.txt:5: array_api_tests/meta/test_utils.py::test_x\n"), "{said}");
    let known = || std::fs::read_to_string(dir.path().join("known.yaml")).unwrap();
    let entry = "- check: \"elementwise/add\"\n  reason: \"too inaccurate, see https://example.org/7 (listed in xfails.txt)\"\n  link: https://example.org/7\n";
    assert!(known().ends_with(entry), "{}", known());
    assert!(import().exits(0).contains("0 entries added to known.yaml"));
    assert!(known().ends_with(entry), "{}", known());

    // A run that the entry excuses narrows it to what deviates.
    let fault = mutant("add:wrong-value-on=float32");
    let conform = |more: &str| {
        run(
            dir.path(),
            &["conform", &fault, "--select=elementwise/add", "--cases=50", "--jobs=1", "--out=out", "--baseline=known.yaml", more],
        )
    };
    conform("--level=must").exits(0);
    conform("--update-baseline").exits(0);
    assert!(known().contains("- check: elementwise/add::value\n  cause: wrong-value\n  dtypes: [float32]\n"), "{}", known());
    assert!(known().contains("too inaccurate") && !known().contains("\"elementwise/add\""), "{}", known());

    array_assay(dir.path(), "baseline import no_such_list --baseline known.yaml").fails(2, "no_such_list");
}

#[test]
fn checks_are_listed_without_a_run() {
    let dir = folder();
    let lines = |line: &str| array_assay(dir.path(), line).exits(0).lines().map(str::to_owned).collect::<Vec<_>>();
    let all = lines("checks");
    assert!(all.len() > 4000 && all.iter().any(|id| id.starts_with("gaps/")), "{}", all.len());
    let counted = lines("checks --level must --select elementwise/cos");
    assert!(counted.contains(&"elementwise/cos::value".to_owned()), "the gate counts it: {counted:?}");
    assert!(!counted.contains(&"elementwise/cos::value/accuracy".to_owned()), "{counted:?}");
    assert!(lines("checks --level must").iter().all(|id| !id.starts_with("gaps/")));
    let early = lines("checks --revision 2021.12");
    assert!(early.iter().all(|id| !id.starts_with("elementwise/hypot::")) && all.iter().any(|id| id.starts_with("elementwise/hypot::")));
    array_assay(dir.path(), "checks --select elementwise/flor").fails(4, "did you mean `elementwise/floor`");
}
