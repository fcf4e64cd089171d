//! The rules of the spec for what comes out, and the oracle, which computes dtypes and shapes on its own, agree on drawn calls.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use array_assay_format::Property;
use array_assay_harness::generate::{BackendProfile, Budget, CallStream, Case, Sort, broadcast, ruled_dtype, ruled_value, streams};
use array_assay_interface::{DType, Defaults};
use array_assay_oracle::call::{ArrayExpectation, Expectation, Given};
use array_assay_spec::shape::{Sizes, UNKNOWN, Value};
use array_assay_spec::{Function, ResultArray, Results, Several, Spec};

/// Calls drawn of each function.
const CASES: u64 = 60;

/// Functions of the standard that give arrays without a rule for their shapes, and why.
const WITHOUT_RULE: [(&str, &str); 1] = [("operator.getitem", "a key is a language of its own, on a topic page")];

fn profile() -> BackendProfile {
    BackendProfile { devices: vec!["cpu".to_owned()], ..BackendProfile::default() }
}

/// The arrays that the oracle expects: each with the name of its field, where it has one.
fn expected(expectation: &Expectation) -> Vec<(Option<&str>, &ArrayExpectation)> {
    match expectation {
        Expectation::Array(array) => vec![(None, array)],
        Expectation::Tuple(items) | Expectation::List(items) => items.iter().flat_map(expected).collect(),
        Expectation::Named(fields) => {
            fields.iter().flat_map(|(name, field)| expected(field).into_iter().map(move |(_, array)| (Some(*name), array))).collect()
        }
        Expectation::Jointly(inner, _) | Expectation::Graded(inner, _) | Expectation::Refusable(inner) => expected(inner),
        _ => Vec::new(),
    }
}

/// A call and the rules of its function.
struct Ruled<'a> {
    spec: &'a Spec,
    function: &'a Function,
    given: &'a [(&'a str, Given)],
    values: Vec<(&'a str, Value)>,
}

impl<'a> Ruled<'a> {
    fn new(spec: &'a Spec, function: &'a Function, case: &'a Case<'a>) -> Ruled<'a> {
        let given = &case.call.arguments;
        Ruled { spec, function, given, values: given.iter().map(|(name, given)| (*name, ruled_value(given))).collect() }
    }

    /// The field, dtype and shape of an array. Where a rule means the dtype of an argument, `own` is that.
    fn array(&self, name: Option<&str>, rules: &ResultArray, own: Option<DType>) -> Result<Made, String> {
        let shape =
            rules.shape.shape(&self.function.signature, self.values.as_slice()).map_err(|e| format!("`{}`: {e}", rules.shape.text))?;
        let ruled = || ruled_dtype(self.spec, self.function, rules.dtype, self.given, Defaults::default());
        let (name, dtype, unknown) = (name.map(str::to_owned), own.or_else(ruled), rules.shape.text.contains(UNKNOWN));
        Ok(Made { name, dtype, shape, unknown })
    }

    fn made(&self) -> Result<Vec<Made>, String> {
        match self.function.result.arrays.as_ref().ok_or("no rule")? {
            Results::One(array) => Ok(vec![self.array(None, array, None)?]),
            Results::Fields(fields) => fields.iter().map(|(name, array)| self.array(Some(name), array, None)).collect(),
            Results::Several(Several::Count(count), array) => {
                let count = count.number(&self.function.signature, self.values.as_slice()).map_err(|e| e.to_string())?;
                let one = self.array(None, array, None)?;
                Ok(vec![one; count.ok_or("the number of arrays is not known")?])
            }
            Results::Several(Several::Each(of), array) => {
                let items = self.given.iter().find(|(name, _)| name == of).and_then(|(_, given)| given.items()).unwrap_or_default();
                items.iter().map(|item| self.array(None, array, item.leaf().map(|x| x.dtype))).collect()
            }
        }
    }
}

/// What rules say of an array.
#[derive(Debug, Clone)]
struct Made {
    name: Option<String>,
    dtype: Option<DType>,
    shape: Sizes,
    /// The rule leaves sizes to the elements.
    unknown: bool,
}

impl Made {
    fn agrees(&self, (name, expected): (Option<&str>, &ArrayExpectation)) -> bool {
        let size = |(ruled, n): (&Option<usize>, &usize)| ruled.map_or(self.unknown, |ruled| ruled == *n);
        self.name.as_deref() == name
            && self.dtype.is_none_or(|dtype| dtype == expected.dtype)
            && self.shape.len() == expected.shape.len()
            && self.shape.iter().zip(&expected.shape).all(size)
    }
}

/// What is wrong with the rules of a function for a call; `None` where nothing is.
fn disagreement(spec: &Spec, function: &Function, case: &Case<'_>) -> Option<String> {
    let expected = expected(&case.expectation);
    let made = match Ruled::new(spec, function, case).made() {
        Ok(made) => made,
        Err(why) => return Some(why),
    };
    let agree = made.len() == expected.len() && made.iter().zip(&expected).all(|(made, expected)| made.agrees(*expected));
    let shown = || expected.iter().map(|(name, array)| format!("{name:?} {} {:?}", array.dtype, array.shape)).collect::<Vec<_>>();
    let arguments = || case.call.arguments.iter().map(|(name, given)| (*name, ruled_value(given))).collect::<Vec<_>>();
    (!agree).then(|| format!("{made:?} instead of {:?} for {:?}", shown(), arguments()))
}

/// The functions whose rules do not agree with the oracle, each with a call that shows it.
fn wrong_rules(spec: &Spec) -> Vec<(String, String)> {
    let profile = profile();
    let mut wrong = Vec::new();
    for function in spec.with_gaps().filter(|f| !f.is_elementwise() && f.result.arrays.is_some()) {
        let stream = CallStream::new(spec, function, &profile).unwrap();
        let cases: Vec<Case<'_>> = (0..CASES).filter_map(|index| stream.case(5, index)).collect();
        assert!(cases.len() as u64 >= CASES * 3 / 4, "{}: {} calls", function.path(), cases.len());
        wrong.extend(cases.iter().find_map(|case| disagreement(spec, function, case)).map(|why| (function.path(), why)));
    }
    wrong
}

#[test]
fn rules_for_results_agree_with_the_oracle() {
    let wrong = wrong_rules(Spec::embedded());
    assert!(wrong.is_empty(), "{} functions:\n{wrong:#?}", wrong.len());
}

/// Rules that are wrong for some calls: the function, the file, its rule and the wrong one.
const WRONG: [(&str, &str, &str, &str); 9] = [
    ("broadcast_arrays", "functions/manipulation.yaml", "\"broadcast(*arrays)\"", "\"arrays[-1].shape\""),
    ("moveaxis", "functions/manipulation.yaml", "moved(x.shape, source, destination)", "moved(x.shape, destination, source)"),
    ("stack", "functions/manipulation.yaml", "inserted(arrays[0].shape, axis, len(arrays))", "inserted(arrays[0].shape, 0, len(arrays))"),
    ("nonzero", "functions/searching.yaml", "count: x.ndim", "count: \"max(x.ndim - 1, 1)\""),
    ("unique_inverse", "functions/set.yaml", "inverse_indices, dtype: index", "inverse_indices, dtype: same"),
    ("fft.irfft", "extensions/fft.yaml", "2 * (x.shape[axis] - 1)", "2 * x.shape[axis] - 1"),
    ("linalg.qr", "extensions/linalg.yaml", "{name: Q, dtype: same, shape: \"x.shape[:-1]", "{name: P, dtype: same, shape: \"x.shape[:-1]"),
    ("linalg.solve", "extensions/linalg.yaml", "+ x2.shape[-2:]", "+ x1.shape[-1:]"),
    ("linalg.svd", "extensions/linalg.yaml", "{name: S, dtype: real_of", "{name: S, dtype: same"),
];

#[test]
fn wrong_rules_are_found() {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let to = tempfile::tempdir().unwrap();
    for folder in ["", "functions", "extensions", "gaps", "polyfills"] {
        fs::create_dir_all(to.path().join(folder)).unwrap();
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                fs::copy(&path, to.path().join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    for (function, file, rule, wrong) in WRONG {
        let path = to.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        let at = text.find(&format!("- name: {}\n", function.rsplit('.').next().unwrap())).unwrap();
        let (before, entry) = text.split_at(at);
        assert!(entry.contains(rule), "{function}: {rule}");
        fs::write(path, format!("{before}{}", entry.replacen(rule, wrong, 1))).unwrap();
    }
    let found: BTreeSet<String> = wrong_rules(&Spec::load(to.path()).unwrap()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(found, WRONG.iter().map(|(path, ..)| (*path).to_owned()).collect());
}

#[test]
fn every_function_that_gives_arrays_has_rules() {
    let profile = profile();
    for function in Spec::embedded().functions.iter().filter(|f| f.result.arrays.is_none()) {
        let Some(stream) = CallStream::new(Spec::embedded(), function, &profile) else { continue };
        let gives = (0..8).filter_map(|index| stream.case(5, index)).any(|case| !expected(&case.expectation).is_empty());
        let excused = WITHOUT_RULE.iter().any(|(path, _)| *path == function.path());
        assert_eq!(gives, excused, "{}", function.path());
    }
}

#[test]
fn rules_of_elementwise_functions_broadcast() {
    let (profile, budget) = (BackendProfile::default(), Budget { seed: 5, cases: CASES });
    for function in Spec::embedded().functions.iter().filter(|f| f.is_elementwise()) {
        assert!(function.result.shape().is_some(), "{}: {}", function.name, function.says(Property::Shape));
        for stream in streams(Spec::embedded(), function, &profile, budget, &|sort| sort == Sort::Plain) {
            for index in 0..stream.before_rows() + CASES {
                let case = stream.case(Sort::Plain.nth(index));
                let shapes = case.laid().map(|(array, _)| array.shape.as_slice());
                assert_eq!(case.result_shape(function), broadcast(shapes), "{}: {:?}", function.path(), case.arguments);
            }
        }
    }
}
