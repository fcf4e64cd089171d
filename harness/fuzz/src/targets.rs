//! The targets.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use array_assay_format::{Check, CheckId, Glob, Results};
use array_assay_harness::gate::{Baseline, Update};
use array_assay_harness::generate::{BackendProfile, CallStream, Case, Sort};
use array_assay_harness::judge::{CallJudge, Ledger, Ran};
use array_assay_harness::observed::Observed;
use array_assay_harness::validate;
use array_assay_interface::{HostFrame, Outcome, Program, WorkerFrame, decode_worker_frame, encode_frame, read_frame};
use array_assay_reports::{Gate, markdown, summary_gated};
use array_assay_spec::expr::{Expr, NoNames};
use array_assay_spec::polyfill::{Place, Polyfill};
use array_assay_spec::{Spec, SpecSignature};

use crate::Form;

/// A decoder, and what is done with what it reads.
pub struct Target {
    /// Its name, which is that of its folder in `corpus/`.
    pub name: &'static str,
    /// What inputs are.
    pub form: Form,
    /// What the format is made of.
    pub tokens: &'static [&'static str],
    /// Takes any bytes; fails by a panic.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 7] = [
    Target {
        name: "worker_frame",
        form: Form::MessagePack,
        tokens: &["\u{81}", "outcomes", "values", "array", "tuple", "float64", "int8", "unfit", "joined", "runs"],
        run: worker_frame,
    },
    Target {
        name: "host_frame",
        form: Form::MessagePack,
        tokens: &["batch", "programs", "plans", "data", "tuple", "list", "scalar", "register"],
        run: host_frame,
    },
    Target {
        name: "results",
        form: Form::JsonLines,
        tokens: &["{", "}", "[", "]", "\"", ",", "null", "1e999", "-0", "\n", "\"kind\":\"check\"", "\\u0000", "\\ud800"],
        run: results,
    },
    Target {
        name: "baseline",
        form: Form::Text,
        tokens: &[
            "- ",
            "  ",
            "\n",
            ": ",
            "&a",
            "*a",
            "[",
            "]",
            "{",
            "}",
            "!x",
            "|",
            "? ",
            "deviations:",
            "kinds: ",
            "dtypes: [",
            "#",
            "\t",
        ],
        run: baseline,
    },
    Target { name: "expression", form: Form::Text, tokens: EXPRESSION, run: expression },
    Target { name: "polyfill", form: Form::Text, tokens: STATEMENTS, run: polyfill },
    Target {
        name: "spec",
        form: Form::Text,
        tokens: &[
            "- ",
            "  ",
            "\n",
            ": ",
            "&a ",
            "*a",
            "[",
            "]",
            "{",
            "}",
            "!x ",
            "|\n",
            "? ",
            "\"",
            "'",
            "functions:",
            "special:",
            "\t",
            "~",
        ],
        run: spec,
    },
];

const EXPRESSION: &[&str] = &[
    "(",
    ")",
    "-",
    "not ",
    " and ",
    " or ",
    "**",
    " + ",
    " // ",
    " % ",
    "<",
    "==",
    ",",
    "1e400",
    "0",
    "9223372036854775808",
    "isnan(",
    "j",
    "é",
];

const STATEMENTS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "-",
    "not ",
    " if ",
    " else ",
    " for i in ",
    "\n",
    "    ",
    "  ",
    ":",
    "x.",
    "*",
    "**",
    "=",
    ",",
    "return ",
    "raise ",
    "\"",
    "'",
    "#",
    "é",
    "lambda",
    "range(",
    "...",
    "1e400",
    "if x:\n    ",
    "else:\n",
];

/// A frame of a worker: read by hand as by serde, written and read again as the same; what it says is judged, shown, and held against the protocol.
fn worker_frame(bytes: &[u8]) {
    validate::frame(bytes);
    let decoded = decode_worker_frame(bytes);
    let framed = [&(bytes.len() as u32).to_le_bytes(), bytes].concat();
    let by_serde = read_frame::<WorkerFrame>(&mut framed.as_slice());
    // NaN differs from itself: what is shown has to do.
    let shown = |frame: &WorkerFrame| format!("{frame:?}");
    match (&decoded, &by_serde) {
        (Ok(frame), Ok(Some(same))) => assert_eq!(shown(frame), shown(same)),
        (Err(_), Err(_)) => return,
        _ => panic!("read by hand: {decoded:?}\nread by serde: {by_serde:?}"),
    }
    let Ok(frame) = decoded else { return };
    let again = encode_frame(&frame).expect("what was read can be written");
    assert_eq!(shown(&decode_worker_frame(&again[4..]).expect("what was written can be read")), shown(&frame));
    let WorkerFrame::Outcomes { outcomes, .. } = frame else { return };
    for outcome in outcomes {
        // Joined outcomes come apart where they are those of one block, whose runs the harness knows.
        let alone = if outcome.is_consistent() && outcome.runs() <= 32 { outcome.split() } else { vec![outcome] };
        alone.into_iter().for_each(judge);
    }
}

/// A call of a function, and the program that makes it.
type Called = (CallStream<'static>, Case<'static>, Program);

thread_local! {
    /// One call of each of some functions.
    static CALLS: Vec<Called> = calls();
}

fn calls() -> Vec<Called> {
    static PROFILE: OnceLock<BackendProfile> = OnceLock::new();
    let spec = Spec::embedded();
    let of = |(category, name): (&str, &str)| {
        let stream = CallStream::new(spec, spec.function(category, name)?, PROFILE.get_or_init(BackendProfile::default))?;
        let case = (0..50).find_map(|index| stream.case(0, index))?;
        let program = case.call.program(stream.function);
        Some((stream, case, program))
    };
    let names = [("statistical", "sum"), ("set", "unique_all"), ("linalg", "qr"), ("creation", "meshgrid"), ("data_type", "finfo")];
    names.into_iter().filter_map(of).collect()
}

/// Judges an outcome as that of some calls.
fn judge(outcome: Outcome) {
    let observed = Observed::Outcome(outcome);
    let shown: Vec<String> = observed.values().iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), observed.values().len());
    let capabilities = BTreeMap::new();
    CALLS.with(|calls| {
        for (stream, case, program) in calls {
            let judge = CallJudge::new(stream, &capabilities);
            let mut tally = Ledger::default();
            judge.judge(&Ran { id: Sort::Plain.nth(0), combination: 0, case, program, observed: &observed }, &mut tally);
        }
    });
}

/// A frame of the harness: written and read again as the same.
fn host_frame(bytes: &[u8]) {
    let framed = [&(bytes.len() as u32).to_le_bytes(), bytes].concat();
    let Ok(Some(frame)) = read_frame::<HostFrame>(&mut framed.as_slice()) else { return };
    let again = encode_frame(&frame).expect("what was read can be written");
    let same = read_frame::<HostFrame>(&mut again.as_slice()).expect("what was written can be read");
    assert_eq!(format!("{same:?}"), format!("{:?}", Some(frame)));
}

/// A results file: written and read again as the same; reports are made of it.
fn results(bytes: &[u8]) {
    let path = Path::new("results.jsonl");
    let Ok((header, checks, footer)) = Results::parse_partial(path, bytes) else { return };
    for Check { id, .. } in &checks {
        // An id may hold anything; where it reads as one it has to be the same.
        if let Ok(read) = id.to_string().parse::<CheckId>() {
            assert_eq!(read.to_string(), id.to_string());
        }
        let _ = id.to_string().parse::<Glob>().map(|glob| glob.matches(id));
    }
    let Some(footer) = footer else { return };
    let results = Results { header, checks, footer };
    let nothing = |_: &CheckId| false;
    summary_gated(&results, &Gate::of(&results, &nothing), true);
    markdown(std::slice::from_ref(&results));
}

/// A baseline: written and read again as the same.
fn baseline(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(baseline) = Baseline::parse("baseline", &text) else { return };
    let written = baseline.to_yaml("NAME");
    let again = Baseline::parse("baseline", &written).unwrap_or_else(|error| panic!("what was written cannot be read: {error}\n{written}"));
    let entries = |baseline: &Baseline| -> Vec<_> {
        let deviations = baseline.deviations.iter();
        deviations
            .map(|known| (known.check.clone(), known.cause, known.dtypes.clone(), known.kinds.clone(), known.reason.clone()))
            .collect()
    };
    assert_eq!(entries(&again), entries(&baseline), "{written}");
    // Nothing to change, and the first entry gone.
    for without in 0..=baseline.deviations.len().min(1) {
        let mut rest = baseline.clone();
        rest.deviations.drain(..without);
        let edited = Update { baseline: rest.clone(), stale: Vec::new() }.edited(&baseline, "baseline", Some(&text), "NAME");
        let again =
            Baseline::parse("baseline", &edited).unwrap_or_else(|error| panic!("what was edited cannot be read: {error}\n{edited}"));
        assert_eq!(again.deviations.len(), rest.deviations.len(), "{edited}");
    }
}

/// An expression: written and read again as the same; evaluated.
fn expression(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(expr) = Expr::parse(&text) else { return };
    let written = expr.to_string();
    let again = Expr::parse(&written).unwrap_or_else(|error| panic!("what was written cannot be read: {error}"));
    assert_eq!(again.to_string(), written, "{text}");
    let mut parts = 0;
    expr.walk(&mut |_| parts += 1);
    assert!(parts > 0);
    let _ = expr.eval(&NoNames);
    let _ = expr.unknown(&["x1"], &["isnan"]);
}

/// The body of a polyfill, and its checks.
fn polyfill(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let signature = SpecSignature::parse("median(x, /, *, axis=None, keepdims=False)").expect("it is one");
    let Ok(polyfill) = Polyfill::parse("median", signature, &text, Place::default()) else { return };
    polyfill.check(Spec::embedded());
    polyfill.requires(Spec::embedded());
    polyfill.needs(Spec::embedded());
}

/// A file of the spec beside its dtypes. The first line, a comment, says which.
fn spec(bytes: &[u8]) {
    const DTYPES: &str = include_str!("../../../spec/dtypes.yaml");
    let text = String::from_utf8_lossy(bytes);
    let path = text.lines().next().and_then(|line| line.strip_prefix("# ")).filter(|path| path.ends_with(".yaml"));
    let path = path.unwrap_or("functions/elementwise.yaml").to_owned();
    let mut files = vec![(path.clone(), text.into_owned())];
    if path != "dtypes.yaml" {
        files.push(("dtypes.yaml".to_owned(), DTYPES.to_owned()));
    }
    match Spec::parse(&files) {
        Ok(spec) => spec.functions.iter().for_each(|function| drop(function.checks())),
        // Every error has a place, and shows the line.
        Err(errors) => assert!(errors.0.iter().all(|error| error.line > 0 && error.column > 0), "{errors}"),
    }
}
