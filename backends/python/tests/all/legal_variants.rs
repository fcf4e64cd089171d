//! Legal variants of array-api-strict. Each takes one freedom that the standard leaves to libraries, and must not fail a check at level
//! must. `legal_variants/legal/` has a module for each.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use array_assay_format::{Check, Glob, Level, Revision, Verdict};
use array_assay_harness::run::{Backend, Limits, Options, Run, WorkerCommand, conform};
use array_assay_harness::snippet::{Language, Python};
use array_assay_python::{baseline, module, named};
use array_assay_spec::Spec;

/// The number of cases per stream. It is larger if few functions are concerned, so that some case meets the freedom.
fn cases(select: &[&str]) -> u32 {
    if select.len() <= 2 { 200 } else { 60 }
}

/// What a test looks at to see that a variant uses its freedom.
enum Shown {
    /// It cannot, because the generator draws hardly any call that meets the freedom.
    Hardly,
    /// The module of the variant notes that it changed something.
    Taken,
    /// Some check is excused and has no cause.
    Excused,
    /// The variant claims this revision and no later one.
    Claims(Revision),
}

fn state() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder")
}

/// The worker of a variant. It notes in a folder that it took the freedom.
fn backend(variant: &str, taken: &Path) -> Backend {
    let environment = named("array-api-strict", state(), &mut |message| eprintln!("{message}"));
    let python = environment.unwrap_or_else(|error| panic!("failed to {error}")).program;
    let path = format!("legal.{variant}");
    let command = module(&path, Some(&python), state(), &mut |message| eprintln!("{message}"));
    let mut command = command.unwrap_or_else(|error| panic!("failed to {error}"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/legal_variants");
    command.env.extend([
        ("PYTHONPATH".into(), folder.into()),
        ("PYTHONDONTWRITEBYTECODE".into(), "1".into()),
        ("LEGAL_VARIANTS_TAKEN".into(), taken.into()),
    ]);
    Backend {
        name: variant.to_owned(),
        command: WorkerCommand { program: command.program, args: command.args, env: command.env, ..WorkerCommand::default() },
        language: Language::Python(Python { module: "array_api_strict".to_owned(), ..Python::default() }),
    }
}

/// The ids of checks from which array-api-strict itself deviates.
fn known() -> &'static Vec<String> {
    static KNOWN: OnceLock<Vec<String>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let (_, text) = baseline("array-api-strict").expect("it has a baseline");
        let ids = text.lines().filter_map(|line| line.trim_start_matches(['-', ' ']).strip_prefix("check: "));
        ids.map(|id| id.trim_matches('"').to_owned()).collect()
    })
}

/// The newest revision that a library claims.
fn claimed(run: &Run) -> Revision {
    let claims = run.header.backend.claims.iter().filter_map(|claim| claim.parse().ok());
    claims.max().unwrap_or(Revision::NEWEST)
}

/// Runs a variant on some functions. `taken` is the folder for its note.
fn run(variant: &str, select: &[&str], taken: &Path) -> Run {
    let cases = cases(select);
    let select: Vec<Glob> = select.iter().map(|glob| glob.parse().unwrap()).collect();
    let limits = Limits::new(Duration::from_secs(60), Some(4096));
    let options = Options { select, cases, limits, ..Options::default() };
    let run = conform(Spec::embedded(), &backend(variant, taken), &options, None, None, &AtomicBool::new(false), &());
    run.unwrap_or_else(|error| panic!("failed to {error}"))
}

/// The checks at level must from which the variant deviates and array-api-strict itself does not.
fn deviating(run: &Run) -> Vec<&Check> {
    let revision = claimed(run);
    let checks = run.checks.iter().filter(|check| check.level == Level::Must && check.doubt.is_none());
    checks.filter(|check| check.deviation_in(revision).is_some() && !known().contains(&check.id.to_string())).collect()
}

/// Asserts that nothing deviates at level must, and that the variant took its freedom.
fn holds(variant: &str, select: &[&str], shown: &Shown) {
    let folder = tempfile::tempdir().unwrap();
    let run = run(variant, select, folder.path());
    let revision = claimed(&run);
    let alarms: Vec<String> = deviating(&run)
        .iter()
        .map(|check| {
            let shown = check.cells.iter().find_map(|cell| cell.counterexample.as_ref());
            let shown = shown.map(|c| format!("{}\n    got      {}\n    expected {}", c.call, c.got, c.expected)).unwrap_or_default();
            format!("{} {:?}: {shown}", check.id, check.verdict)
        })
        .collect();
    assert!(alarms.is_empty(), "{variant} is legal, and these checks deny it:\n{}", alarms.join("\n"));
    let was_taken = match shown {
        Shown::Hardly => true,
        Shown::Taken => folder.path().join(variant).exists(),
        Shown::Excused => run
            .checks
            .iter()
            .flat_map(|check| &check.cells)
            .any(|cell| cell.cause.is_none() && cell.note.is_some() && (cell.verdict == Verdict::Unsupported)),
        Shown::Claims(expected) => revision == *expected,
    };
    assert!(was_taken, "{variant} changed nothing in these calls, so that the test shows nothing");
    assert!(run.checks.iter().any(|check| check.verdict == Verdict::Pass), "{variant}: nothing passed");
}

/// Defines a test for each variant: how the freedom shows, and the functions that it concerns.
macro_rules! variants {
    ($($shown:expr => { $($name:ident: [$($glob:literal),* $(,)?];)+ })+) => {$($(
        #[test]
        fn $name() {
            holds(stringify!($name), &[$($glob),*], &$shown);
        }
    )+)+};
}

variants! {
    Shown::Taken => {
        // Sorting and sets.
        nan_first: ["sorting/*", "searching/searchsorted"];
        nan_in_place: ["sorting/*"];
        unstable_sort: ["sorting/*"];
        zeros_in_order: ["sorting/*"];
        unique_reversed: ["set/*"];
        unique_shuffled: ["set/*"];
        unique_other_zero: ["set/*"];
        // Linear algebra.
        vectors_negated: ["linalg/svd", "linalg/eig", "linalg/eigh", "linalg/qr"];
        qr_positive: ["linalg/qr"];
        eigenvalues_reversed: ["linalg/eig*"];
        part_of_linalg: ["linalg/*::present", "linalg/cholesky", "linalg/eig", "linalg/det"];
        // Elements.
        flush_to_zero: ["elementwise/[a-d]*", "elementwise/[l-t]*", "array/__[a-l]*", "statistical/*", "manipulation/*", "searching/*", "set/*", "sorting/*", "utility/*", "linear_algebra/*", "linalg/*", "fft/*", "data_type/astype"];
        flush_always: ["elementwise/[a-e]*", "array/__mul__", "statistical/*", "creation/*", "sorting/*"];
        one_nan: ["elementwise/[a-e]*", "array/__mul__", "statistical/*", "creation/*", "sorting/*"];
        flush_results: ["elementwise/*", "array/__mul__", "array/__itruediv__"];
        nan_payloads: ["elementwise/*", "array/__*", "statistical/*", "manipulation/*", "indexing/*", "searching/*", "set/*", "sorting/*", "linalg/*", "fft/*"];
        other_zero: ["elementwise/maximum", "elementwise/minimum", "statistical/max", "statistical/min", "elementwise/clip"];
        sum_of_zeros: ["statistical/*", "linear_algebra/*", "linalg/*", "fft/*", "array/__*matmul__"];
        float_in_python_ways: ["elementwise/floor_divide", "array/__*floordiv__"];
        complex_infinities: ["elementwise/multiply", "elementwise/divide", "array/__*mul__", "array/__*truediv__"];
        unspecified_signs: ["elementwise/acos*", "elementwise/asinh", "elementwise/atanh", "elementwise/cosh", "elementwise/sinh", "elementwise/exp*"];
        tanh_of_old_c: ["elementwise/tanh"];
        branch_cuts: ["elementwise/sqrt", "elementwise/log*", "elementwise/a*"];
        // Accuracy.
        less_accurate: ["elementwise/*exp*", "elementwise/*log*", "elementwise/*sin*", "elementwise/*cos*", "elementwise/*tan*", "elementwise/hypot", "elementwise/pow", "array/__pow__", "array/__rpow__"];
        single_precision: ["elementwise/*exp*", "elementwise/*log*", "elementwise/*sin*", "elementwise/*cos*", "elementwise/*tan*", "elementwise/pow", "array/__pow__", "array/__rpow__"];
        early_overflow: ["elementwise/cosh", "elementwise/sinh", "elementwise/hypot", "elementwise/logaddexp", "elementwise/acosh"];
        naive_approximations: ["elementwise/expm1", "elementwise/log*", "elementwise/*sin*", "elementwise/*cosh", "elementwise/*tan*", "elementwise/pow"];
        naive_complex: ["elementwise/divide", "array/__*truediv__"];
        naive_norms: ["elementwise/abs", "array/__abs__", "linalg/*norm"];
        naive_variance: ["statistical/std", "statistical/var"];
        floor_of_quotient: ["elementwise/floor_divide"];
        other_spacing: ["creation/arange", "creation/linspace"];
        other_order: ["statistical/*"];
        flush_without_sign: ["elementwise/multiply", "elementwise/divide", "elementwise/add", "array/__mul__"];
        complex_products: ["statistical/*prod", "linear_algebra/*", "linalg/*", "array/__*matmul__"];
        // What may raise, and what may not.
        overflow_raises: ["elementwise/*", "array/__*", "statistical/*", "linear_algebra/*", "linalg/*", "utility/diff"];
        cast_raises: ["data_type/astype"];
        other_exceptions: ["array/*::raises/*", "manipulation/*", "indexing/*", "searching/*", "data_type/*", "inspection/*", "array/__getitem__", "array/__array_namespace__"];
        rank_limit_declared: ["manipulation/*", "linear_algebra/*", "array/__getitem__", "creation/*", "inspection/*"];
        rank_limit_shown: ["manipulation/*", "linear_algebra/*", "array/__getitem__", "creation/[a-e]*", "creation/[l-z]*"];
        // What may be absent.
        shapes_missing: ["searching/*", "set/*", "manipulation/repeat", "array/__getitem__", "array/__setitem__"];
        no_dlpack: ["array/__dlpack*", "creation/from_dlpack"];
        export_refused: ["array/__dlpack*", "creation/from_dlpack"];
        immutable: ["array/__i*"];
        lazy_scalars: ["array/__bool__", "array/__int__", "array/__float__", "array/__complex__", "array/__index__"];
        // Objects.
        read_only_views: ["manipulation/*", "creation/meshgrid", "data_type/broadcast*", "array/__getitem__", "array/__setitem__", "array/__i*"];
        own_namespace: ["array/__array_namespace__"];
        info_as_namespace: ["inspection/*"];
        copies: ["manipulation/*", "creation/*", "data_type/*", "array/[a-zT]*", "array/__getitem__", "elementwise/real", "elementwise/conj"];
        views: ["elementwise/ceil", "elementwise/floor", "elementwise/round", "elementwise/conj", "elementwise/positive", "array/__pos__", "manipulation/concat"];
        defaults_32: ["creation/*", "statistical/*", "fft/fftfreq", "fft/rfftfreq", "linalg/trace", "inspection/*", "data_type/result_type"];
        indices_32: ["searching/*", "set/*", "sorting/*", "inspection/*"];
        more_arguments: ["*::signature", "elementwise/add", "manipulation/concat", "linalg/svd"];
        lists: ["creation/meshgrid", "data_type/broadcast_arrays", "manipulation/unstack", "inspection/*"];
        tuples: ["creation/meshgrid", "data_type/broadcast_arrays", "manipulation/unstack", "searching/nonzero"];
        own_shape: ["array/shape", "array/ndim", "elementwise/add", "manipulation/reshape", "creation/ones_like"];
        tuple_shape: ["array/shape", "array/ndim", "array/size", "elementwise/add", "manipulation/reshape"];
        dtypes_without_hash: ["data_type/*", "array/dtype", "creation/ones", "inspection/*", "elementwise/add"];
        finfo_of_numpy: ["data_type/finfo"];
        garbage_in_empty: ["creation/empty*"];
        one_device: ["inspection/*", "array/to_device", "array/device", "creation/zeros*"];
    }
    Shown::Hardly => {
        shift_raises: ["elementwise/bitwise_*_shift", "array/__*shift__"];
        division_by_zero_raises: ["elementwise/floor_divide", "elementwise/remainder", "elementwise/pow", "array/__*floordiv__", "array/__*mod__", "array/__*pow__"];
        extremes_of_nothing: ["statistical/max", "statistical/min", "searching/arg*"];
        nan_ignored_by_extremes: ["searching/arg*"];
        integers_accepted: ["elementwise/divide", "elementwise/logical_*", "elementwise/sin", "elementwise/sqrt", "statistical/*", "array/__truediv__"];
        more_promotions: ["elementwise/add", "elementwise/less", "elementwise/maximum"];
    }
    Shown::Excused => {
        shapes_refused: ["searching/*", "set/*", "manipulation/repeat", "array/__getitem__", "array/__setitem__", "inspection/*"];
        no_linalg: ["linalg/*", "linear_algebra/*"];
        no_fft: ["fft/*", "elementwise/real"];
    }
    Shown::Claims(Revision::V2023_12) => {
        no_scalars: ["elementwise/*", "searching/*", "creation/*"];
    }
    Shown::Claims(Revision::V2022_12) => {
        old_revision: ["array/*", "creation/[a-e]*", "creation/[l-z]*", "data_type/*", "statistical/*", "linalg/*", "utility/*"];
    }
}

/// Variants that are not legal, with the checks that have to say so. A library may not lack half of something that may be absent as a
/// whole, and a rounding mode does not excuse errors in both directions.
#[test]
fn what_goes_beyond_a_freedom_deviates() {
    let folder = tempfile::tempdir().unwrap();
    for (variant, select, expected) in [
        ("half_of_dlpack", &["array/__dlpack*::present"][..], "array/__dlpack__::present"),
        ("half_of_shapes", &["set/*::present"], "set/unique_all::present"),
        ("half_of_ranks", &["manipulation/stack", "manipulation/expand_dims"], "manipulation/stack::call"),
        ("inexact_division", &["elementwise/divide"], "elementwise/divide::value"),
        ("claimed_and_refused", &["array/__getitem__"], "array/__getitem__::call/mask"),
    ] {
        let run = run(variant, select, folder.path());
        let ids: Vec<String> = deviating(&run).iter().map(|check| check.id.to_string()).collect();
        assert!(ids.iter().any(|id| id == expected), "{variant}: {ids:?}");
    }
}

/// A dtype that exists only by name is one deviation, at the check that the dtype exists.
#[test]
fn a_dtype_by_name_alone_is_one_deviation() {
    let folder = tempfile::tempdir().unwrap();
    let select = ["data_type/uint16", "data_type/int16", "elementwise/add", "elementwise/positive", "statistical/sum", "manipulation/flip"];
    let run = run("dtype_by_name_alone", &select, folder.path());
    let ids: Vec<String> = deviating(&run).iter().map(|check| check.id.to_string()).collect();
    assert_eq!(ids, ["data_type/uint16::present"]);
}
