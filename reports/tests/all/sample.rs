//! Made-up results that look like real ones: three backends, some two hundred functions.

use std::collections::BTreeMap;

use array_assay_format::{
    Accuracy, BackendInfo, Cause, Cell, Check, Classes, ClauseRef, Counterexample, FORMAT_VERSION, Footer, GapRecord, Header, Level,
    NativeRecord, Property, Results, Revision, Timing, Tool, UlpAccuracy, Verdict,
};
use array_assay_interface::{Arg, Array, DType, Element, Program, Step};

const FUNCTIONS: &[(&str, &str)] = &[
    (
        "elementwise",
        "abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_or bitwise_xor ceil clip conj copysign cos \
         cosh divide equal exp expm1 floor floor_divide greater hypot imag isfinite isinf isnan less log log10 log1p log2 logaddexp \
         logical_and logical_not maximum minimum multiply negative nextafter not_equal positive pow real reciprocal remainder round sign \
         signbit sin sinh sqrt square subtract tan tanh trunc",
    ),
    (
        "creation",
        "arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like tril triu zeros zeros_like",
    ),
    ("data_type", "astype can_cast finfo iinfo isdtype result_type"),
    ("linear_algebra", "matmul matrix_transpose tensordot vecdot"),
    (
        "manipulation",
        "broadcast_arrays broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape roll squeeze stack tile unstack",
    ),
    ("searching", "argmax argmin count_nonzero nonzero searchsorted where"),
    ("set", "unique_all unique_counts unique_inverse unique_values isin"),
    ("sorting", "argsort sort"),
    ("statistical", "cumulative_prod cumulative_sum max mean min prod std sum var"),
    ("utility", "all any diff"),
    ("indexing", "take take_along_axis"),
    ("constants", "e inf nan newaxis pi"),
    (
        "array",
        "T mT dtype device ndim shape size __abs__ __add__ __and__ __array_namespace__ __bool__ __dlpack__ __getitem__ __iadd__ __matmul__ __setitem__ to_device",
    ),
    (
        "linalg",
        "cholesky cross det diagonal eig eigh eigvalsh inv matrix_norm matrix_power matrix_rank outer pinv qr slogdet solve svd svdvals trace vector_norm",
    ),
    ("fft", "fft ifft fftn rfft irfft rfftn hfft ihfft fftfreq rfftfreq fftshift ifftshift"),
    ("gaps", "bincount median nanmax nanmin nansum top_k"),
];

const APPROXIMATE: &[&str] = &[
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "exp",
    "expm1",
    "hypot",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "pow",
    "sin",
    "sinh",
    "tan",
    "tanh",
];

/// NumPy, PyTorch through its compatibility layer, and ndarray.
pub fn three() -> Vec<Results> {
    ["numpy", "compat:torch", "ndarray"].into_iter().map(run).collect()
}

/// A backend's results.
pub fn run(backend: &str) -> Results {
    let mut checks: Vec<Check> = FUNCTIONS
        .iter()
        .flat_map(|(category, names)| names.split_whitespace().map(move |name| (*category, name)))
        .flat_map(|(category, name)| function(backend, category, name))
        .collect();
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    finish(info(backend), checks)
}

/// A file of these checks.
pub fn finish(backend: BackendInfo, checks: Vec<Check>) -> Results {
    let mut verdicts = BTreeMap::new();
    for check in &checks {
        *verdicts.entry(check.verdict).or_insert(0) += 1;
    }
    let holds = |revision: &Revision| {
        let musts = checks.iter().filter(|check| check.level == Level::Must);
        musts.filter_map(|check| check.verdict_in(*revision)).all(|verdict| !verdict.is_deviation() || verdict == Verdict::Unsupported)
    };
    let conforms = Revision::published().iter().map(|revision| (*revision, holds(revision))).collect();
    let header = Header {
        format: FORMAT_VERSION,
        tool: Tool { name: "array-assay".to_owned(), version: "0.1.0".to_owned() },
        backend,
        revisions: Revision::published().to_vec(),
        draft: None,
        seed: 0,
        cases: 100,
        options: BTreeMap::new(),
    };
    let footer = Footer {
        checks: checks.len() as u64,
        verdicts,
        conforms,
        calls: 236_412,
        wall_s: 14.25,
        backend_s: 6.5,
        workers: 1,
        timing: Timing::default(),
        functions: BTreeMap::new(),
        restarts: 0,
        retries: 0,
        finished: None,
    };
    Results { header, checks, footer }
}

pub fn info(backend: &str) -> BackendInfo {
    let text = |s: &str| s.to_owned();
    let (library, version, language, claims) = match backend {
        "numpy" => ("numpy", "2.4.1", "Python 3.13.1", "2024.12"),
        "compat:torch" => ("torch", "2.11.0", "Python 3.13.1", "2024.12"),
        _ => ("ndarray", "0.17.2", "Rust 1.88.0", "2021.12"),
    };
    let also = if backend == "compat:torch" { vec![(text("array-api-compat"), text("1.14.0"))] } else { vec![] };
    BackendInfo {
        name: text(backend),
        library: text(library),
        version: text(version),
        language: text(language),
        platform: text("Linux 6.8 x86_64"),
        devices: vec![text("cpu")],
        dtypes: DType::ALL.iter().map(|d| d.name().to_owned()).collect(),
        claims: vec![text(claims)],
        extensions: vec![text("linalg"), text("fft")],
        also: also.into_iter().collect(),
        ..BackendInfo::default()
    }
}

/// The page of a function in the standard.
fn url(category: &str, name: &str) -> String {
    let function = array_assay_spec::Spec::embedded().function(category, name);
    function.map_or_else(|| "https://data-apis.org/array-api/2025.12/index.html".to_owned(), array_assay_spec::Function::url)
}

/// A check at level must of every revision, without a verdict of its own yet.
pub fn check(category: &str, name: &str, property: &str, says: &str) -> Check {
    let path = if matches!(category, "linalg" | "fft") { format!("{category}.{name}") } else { name.to_owned() };
    Check {
        id: format!("{category}/{name}::{property}").parse().unwrap(),
        function: path,
        category: category.to_owned(),
        property: property.split('/').next().unwrap().parse().unwrap(),
        level: Level::Must,
        gated_at: None,
        since: Revision::V2021_12,
        until: None,
        verdict: Verdict::Pass,
        cells: Vec::new(),
        clause: Some(ClauseRef { says: says.to_owned(), url: url(category, name) }),
        doubt: None,
        blocked_by: None,
        exercised: BTreeMap::new(),
        covered: None,
        gap: None,
        consumer: None,
        last_of_function: false,
    }
}

/// A cell that passes.
pub fn cell(dtype: &str) -> Cell {
    Cell {
        dtype: dtype.to_owned(),
        device: String::new(),
        verdict: Verdict::Pass,
        cause: None,
        since: None,
        cases: 100,
        failures: 0,
        kinds: Default::default(),
        classes: Classes::default(),
        accuracy: None,
        counterexample: None,
        note: None,
    }
}

/// A cell that fails.
pub fn failing(dtype: &str, cause: Cause, call: &str, got: &str, expected: &str) -> Cell {
    let of = dtype.split('+').next().and_then(|name| name.parse().ok()).unwrap_or(DType::Float64);
    let function = call.split('(').next().unwrap_or("f").to_owned();
    let program = Program {
        inputs: vec![Array::from_elements(of, vec![1], [Element::F64(1.0)])],
        steps: vec![Step { function: function.clone(), args: vec![Arg::Register(0)], kwargs: vec![], role: Default::default() }],
        returns: vec![1],
    };
    let snippet = format!(
        "import numpy as xp\n\nx1 = xp.asarray([1.0], dtype=xp.{of})\nresult = {}\nprint(result, result.dtype)  # {got}; expected {expected}\n",
        call.replace(&function, &format!("xp.{function}"))
    );
    Cell {
        verdict: Verdict::Fail,
        cause: Some(cause),
        failures: 17,
        counterexample: Some(Counterexample {
            program,
            call: call.to_owned(),
            expected: expected.to_owned(),
            got: got.to_owned(),
            step: None,
            note: None,
            snippet,
        }),
        ..cell(dtype)
    }
}

/// The check with these cells, and the verdict that they come to.
pub fn with(check: Check, cells: Vec<Cell>) -> Check {
    let verdict = Cell::overall(cells.iter().map(|cell| cell.verdict)).unwrap_or(check.verdict);
    Check { verdict, cells, ..check }
}

fn number(text: &str) -> u32 {
    text.bytes().fold(2_166_136_261_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(16_777_619))
}

fn dtypes_of(category: &str, name: &str) -> Vec<&'static str> {
    let take = |range: std::ops::Range<usize>| DType::ALL[range].iter().map(|d| d.name()).collect();
    match (category, name) {
        (_, name) if APPROXIMATE.contains(&name) => take(9..13),
        ("linalg" | "fft", _) => take(9..13),
        ("elementwise", name) if name.starts_with("bitwise") => take(1..9),
        ("elementwise", name) if name.starts_with("logical") => take(0..1),
        _ => take(0..13),
    }
}

fn function(backend: &str, category: &str, name: &str) -> Vec<Check> {
    let since = match name {
        "copysign" | "hypot" | "maximum" | "minimum" | "clip" | "signbit" | "cumulative_sum" | "moveaxis" | "repeat" | "searchsorted"
        | "tile" | "unstack" => Revision::V2023_12,
        "nextafter" | "reciprocal" | "count_nonzero" | "cumulative_prod" | "diff" | "take_along_axis" => Revision::V2024_12,
        "isin" | "eig" | "broadcast_arrays" => Revision::V2025_12,
        "take" | "isdtype" | "fft" => Revision::V2022_12,
        _ => Revision::V2021_12,
    };
    let gap = category == "gaps";
    let lacks = match backend {
        "numpy" => gap && name != "bincount" && name != "median" && !name.starts_with("nan"),
        "compat:torch" => matches!(name, "nanmin" | "nanmax" | "isin"),
        _ => {
            gap || matches!(category, "fft")
                || category == "linalg" && name != "trace"
                || matches!(name, "isin" | "eig" | "nextafter" | "unique_all" | "searchsorted")
        }
    };
    let of = |property: &str, says: &str| {
        let check = check(category, name, property, says);
        Check { since, level: if gap { Level::Quality } else { Level::Must }, ..check }
    };
    let mut present = of("present", &format!("the namespace has `{name}`"));
    if gap {
        let native = NativeRecord { path: name.to_owned(), signature: Some(format!("{name}(a, axis=None)")), note: None };
        present.gap = Some(GapRecord {
            proposed: format!("{name}(x, /, *, axis=None)"),
            says: format!("what `{name}` gives"),
            status: "proposed".to_owned(),
            demand: if name == "bincount" { 30.0 } else { 10.0 },
            carried: vec!["SciPy".to_owned()],
            trackers: vec!["https://github.com/data-apis/array-api/issues/812".to_owned()],
            hazards: vec!["the length <depends> on the data".to_owned()],
            native: (!lacks).then_some(native),
        });
    }
    if lacks {
        let missing = Cell { verdict: Verdict::Missing, cause: Some(Cause::MissingName), cases: 1, failures: 1, ..cell("") };
        return vec![with(present, vec![missing])];
    }
    let dtypes = dtypes_of(category, name);
    let plain = |property: &str, says: &str| with(of(property, says), dtypes.iter().map(|d| cell(d)).collect());
    let any = |property: &str, says: &str| with(of(property, says), vec![cell("")]);
    let mut checks = vec![
        with(present, vec![Cell { cases: 1, ..cell("") }]),
        any("signature", &format!("{name}(x1, x2, /): positional-only operands")),
        plain("call", "every legal call returns"),
        plain("type", "returns an array"),
        plain("dtype", "the result has the promoted dtype of the operands"),
        plain("shape", "the result has the broadcast shape of the operands"),
        plain("device", "the result is on the operands' device"),
        plain("pure", "the operands are the same after the call"),
    ];
    checks.push(value(backend, name, &dtypes, of("value", "each element is the function of the operands' elements")));
    if backend == "ndarray" && dtypes.len() == 13 && number(name).is_multiple_of(3) {
        for check in checks.iter_mut().filter(|c| c.property != Property::Present && c.property != Property::Signature) {
            for cell in check.cells.iter_mut().filter(|cell| cell.dtype == "float64" || cell.dtype.starts_with("complex")) {
                cell.verdict = Verdict::Unsupported;
                cell.cause = None;
            }
        }
    }
    checks.extend(special(backend, name, &of));
    notable(backend, name, &mut checks);
    checks
}

fn value(backend: &str, name: &str, dtypes: &[&str], check: Check) -> Check {
    let mut cells: Vec<Cell> = dtypes.iter().map(|d| cell(d)).collect();
    let mut check = Check { level: check.level, ..check };
    if APPROXIMATE.contains(&name) {
        check.level = Level::Should;
        for cell in &mut cells {
            let spread = number(&format!("{backend}{name}{}", cell.dtype)) % 1000;
            let worst = match (backend, name) {
                ("compat:torch", "sinh" | "tan") => 40.0 + f64::from(spread),
                ("ndarray", _) => 0.55,
                _ => 0.5 + f64::from(spread).powi(2) / 300_000.0,
            };
            let limit = if cell.dtype.starts_with("complex") { 8.0 } else { 4.0 };
            cell.accuracy = Some(Accuracy::Ulp(UlpAccuracy {
                max_ulp: worst,
                mean_ulp: worst / 20.0,
                worst: Some(format!("{}(-1.1754942e-38)", cell.dtype)),
                limit: Some(limit),
            }));
            cell.classes.flushed = u64::from(spread.is_multiple_of(5)) * 12;
            if worst > limit {
                let (got, expected) = ("1.1752012", "1.1752011936438014 (limit 4 ULP)");
                let failed = failing(&cell.dtype, Cause::Inaccurate, &format!("{name}({}(1.0))", cell.dtype), got, expected);
                *cell = Cell { accuracy: cell.accuracy.clone(), ..failed };
            }
        }
    }
    with(check, cells)
}

fn special(backend: &str, name: &str, of: &dyn Fn(&str, &str) -> Check) -> Vec<Check> {
    let floats = || vec![cell("float32"), cell("float64")];
    match name {
        "atan2" => {
            let cases = [
                ("either-nan", "isnan(x1) or isnan(x2)", "nan"),
                ("x1-pos-x2-pos-zero", "x1 > 0 and is_pos_zero(x2)", "+pi/2 (approx)"),
                ("x1-pos-x2-neg-zero", "x1 > 0 and is_neg_zero(x2)", "+pi/2 (approx)"),
                ("x1-pos-zero-x2-neg-zero", "is_pos_zero(x1) and is_neg_zero(x2)", "+pi (approx)"),
                ("x1-neg-x2-neg-inf", "isfinite(x1) and x1 < 0 and x2 == -inf", "-pi (approx)"),
            ];
            let mut checks: Vec<Check> =
                cases.iter().map(|(slug, when, then)| with(of(&format!("special/{slug}"), &format!("{when}: {then}")), floats())).collect();
            if backend == "compat:torch" {
                let call = |d: &str| format!("atan2({d}([0.0]), {d}([-0.0]))");
                let failed = |d: &str| failing(d, Cause::WrongValue, &call(d), "array([0.0])", "pi, approximately: 3.1415927");
                checks[3] = with(checks[3].clone(), vec![failed("float32"), failed("float64")]);
            }
            checks
        }
        "expm1" => {
            let mut check = of("special/complex-a-zero-b-pos-zero", "a == 0 and is_pos_zero(b): complex(0.0, 0.0)");
            check.level = Level::Quality;
            check.doubt = Some(
                "for a = -0 the positive zero contradicts the case of real operands, where -0 gives -0; the zero of the real component is \
                 written without a sign, so that either may be meant"
                    .to_owned(),
            );
            let failed =
                |d: &str| failing(d, Cause::WrongValue, &format!("expm1({d}(-0.0+0j))"), "complex(-0.0, 0.0)", "complex(0.0, 0.0)");
            vec![with(check, vec![failed("complex64"), failed("complex128")])]
        }
        "floor_divide" => {
            let check = of("special/x1-pos-inf-x2-pos-finite", "x1 == inf and isfinite(x2) and x2 > 0: inf, or nan");
            let cells = floats().into_iter().map(|cell| Cell { classes: Classes { flushed: 0, alternative: 37 }, ..cell }).collect();
            vec![with(check, cells)]
        }
        _ => Vec::new(),
    }
}

/// A few deviations as real libraries have them.
fn notable(backend: &str, name: &str, checks: &mut Vec<Check>) {
    match (backend, name) {
        ("ndarray", "sum") => block_by_round(checks),
        _ => {
            if let Some((property, cells)) = deviating(backend, name) {
                replace_cells(checks, property, &cells);
            }
        }
    }
    if name == "sum" {
        add_earlier_upcast(backend, checks);
    }
}

/// Puts cells in the place of those of the same dtypes in the check of a property.
fn replace_cells(checks: &mut [Check], property: Property, cells: &[Cell]) {
    if let Some(check) = checks.iter_mut().find(|check| check.property == property && check.id.slug.is_none()) {
        let kept = check.cells.iter().filter(|cell| cells.iter().all(|new| new.dtype != cell.dtype));
        let all = kept.chain(cells).cloned().collect();
        *check = with(check.clone(), all);
    }
}

/// The property from which a backend deviates in a function, and the cells that show it.
fn deviating(backend: &str, name: &str) -> Option<(Property, Vec<Cell>)> {
    Some(match (backend, name) {
        ("numpy", "add") => {
            let note = Some("numpy.float64 stands in for an array of rank 0".to_owned());
            (Property::Type, vec![Cell { note, ..cell("float64") }])
        }
        ("compat:torch", "sort") => {
            let message = "NotImplementedError: \"sort\" not implemented for 'UInt16'";
            let raised = |d| failing(d, Cause::Raised, &format!("sort({d}([2, 1]))"), message, "array([1, 2])");
            (Property::Call, ["uint16", "uint32", "uint64"].map(raised).to_vec())
        }
        ("compat:torch", "add") => {
            let message = "RuntimeError: Promotion for uint16, uint32, uint64 types is not supported";
            let raised = |dtypes, call, expected| failing(dtypes, Cause::Raised, call, message, expected);
            let cells = vec![
                raised("uint8+uint16", "add(uint8([1]), uint16([1]))", "uint16"),
                raised("int8+uint32", "add(int8([1]), uint32([1]))", "int64"),
                raised("int16+uint16", "add(int16([1]), uint16([1]))", "int32"),
                cell("int8+int16"),
            ];
            (Property::Dtype, cells)
        }
        ("compat:torch", "__setitem__") => {
            let (call, died) = ("__setitem__(bool([[True]]), (0, ...), False)", "the process died: signal 11");
            let crashed = failing("bool", Cause::Crashed, call, died, "array([[False]])");
            (Property::Call, vec![Cell { verdict: Verdict::Crash, ..crashed }])
        }
        ("ndarray", "round") => {
            let wrong = |d| failing(d, Cause::WrongValue, &format!("round({d}([2.5]))"), "array([3.0])", "array([2.0])");
            (Property::Value, ["float32", "float64"].map(wrong).to_vec())
        }
        (_, "searchsorted") => {
            let call = "searchsorted(int8([1, 2, 3]), int8([2]))";
            let wrong = failing("int8", Cause::WrongDtype, call, "int32", "int64, the default index dtype");
            (Property::Dtype, vec![Cell { since: Some(Revision::V2025_12), ..wrong }])
        }
        _ => return None,
    })
}

/// The value of `sum` cannot be judged where `round` fails.
fn block_by_round(checks: &mut [Check]) {
    if let Some(check) = checks.iter_mut().find(|check| check.property == Property::Value) {
        check.cells.iter_mut().for_each(|cell| cell.verdict = Verdict::Blocked);
        check.verdict = Verdict::Blocked;
        check.blocked_by = Some("elementwise/round::value".parse().unwrap());
    }
}

/// A check that ended with an earlier revision: `sum` of float32 was float64.
fn add_earlier_upcast(backend: &str, checks: &mut Vec<Check>) {
    let old = checks.iter().position(|check| check.property == Property::Dtype).unwrap();
    let mut upcast = checks[old].clone();
    upcast.id = "statistical/sum::dtype/upcast-float32".parse().unwrap();
    upcast.until = Some(Revision::V2022_12);
    upcast.clause = Some(ClauseRef {
        says: "sum of float32 has the default floating-point dtype".to_owned(),
        url: "https://data-apis.org/array-api/2022.12/API_specification/generated/array_api.sum.html".to_owned(),
    });
    let failed = failing("float32", Cause::WrongDtype, "sum(float32([1.0]))", "float32", "float64");
    checks.push(with(upcast, vec![if backend == "ndarray" { cell("float32") } else { failed }]));
}

/// Writes the site of results of whose deviations nothing is known, with what the spec tells.
pub fn site(results: &[Results], out: &std::path::Path) -> Result<Vec<std::path::PathBuf>, array_assay_reports::ReportError> {
    let background = array_assay_reports::Background::new(array_assay_spec::Spec::embedded(), Box::new(Default::default));
    array_assay_reports::site(given(results), Some(&background), out)
}

/// Runs of whose deviations nothing is known.
pub fn given(results: &[Results]) -> Vec<array_assay_reports::Input<'_, array_assay_reports::ReportError>> {
    results.iter().map(|results| array_assay_reports::Input::given(results, Vec::new())).collect()
}
