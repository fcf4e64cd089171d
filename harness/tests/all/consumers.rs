//! Replays of consumers on libraries with a fault, and on one that takes freedoms of the standard.

use std::sync::atomic::AtomicBool;

use array_assay_format::{Cause, ConsumerCase, ReplayEnd, Verdict};
use array_assay_harness::reference::{Reference, ReferenceArray};
use array_assay_harness::run::{Backend as Target, Inside, Options, conform};
use array_assay_harness::snippet::Language;
use array_assay_interface::{Argument, Array, Backend, CallError, Element, Identity, Output, Tree};
use array_assay_spec::Spec;

/// A call of a function by its path, with its result.
type Change = fn(&str, Result<Output<ReferenceArray>, CallError>, &mut Reference) -> Result<Output<ReferenceArray>, CallError>;

/// The reference, which takes lists for tuples as all libraries do, with a change of its results.
struct Changed {
    reference: Reference,
    change: Change,
}

impl Backend for Changed {
    type Array = ReferenceArray;

    fn identity(&self, functions: &[String]) -> Identity {
        self.reference.identity(functions)
    }

    fn from_host(&mut self, array: &Array) -> Result<ReferenceArray, CallError> {
        self.reference.from_host(array)
    }

    fn to_host(&mut self, array: &ReferenceArray) -> Result<Array, CallError> {
        self.reference.to_host(array)
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Output<ReferenceArray>, CallError> {
        let axes = function == "permute_dims";
        let args: Vec<_> = args.iter().map(|arg| if axes { tuple(arg) } else { arg.clone() }).collect();
        let result = self.reference.call(function, &args, kwargs);
        (self.change)(function, result, &mut self.reference)
    }
}

/// The argument, with a tuple in place of a list.
fn tuple<'a>(arg: &Argument<'a, ReferenceArray>) -> Argument<'a, ReferenceArray> {
    match arg {
        Tree::List(items) => Tree::Tuple(items.clone()),
        other => other.clone(),
    }
}

/// A case of a workload on such a library, and the verdicts of its checks `call` and `value`.
fn replayed(workload: &str, case: &str, change: Change) -> (ConsumerCase, [Verdict; 2]) {
    let inside = Inside::new(move || Changed { reference: Reference::default(), change });
    let backend = Target { name: "changed".to_owned(), command: inside.into(), language: Language::Other };
    let options = Options { select: vec![format!("consumers/{workload}").parse().unwrap()], ..Options::default() };
    let run = conform(Spec::embedded(), &backend, &options, None, None, &AtomicBool::new(false), &()).unwrap();
    let [call, value] = run.checks.as_slice() else { panic!("{} checks", run.checks.len()) };
    let record = call.consumer.as_ref().unwrap();
    let found = record.cases.iter().find(|of| of.name == case).unwrap();
    (found.clone(), [call.verdict, value.verdict])
}

fn refused(why: &str) -> Result<Output<ReferenceArray>, CallError> {
    Err(CallError::raised("ValueError", why))
}

/// The array with its elements in the reversed order.
fn reversed(array: &ReferenceArray, reference: &mut Reference) -> Result<ReferenceArray, CallError> {
    let host = reference.to_host(array)?;
    let mut elements: Vec<Element> = host.elements().collect();
    elements.reverse();
    reference.from_host(&Array::from_elements(host.dtype, host.shape.clone(), elements))
}

#[test]
fn every_step_that_fails_is_found_and_not_only_the_first() {
    let (case, verdicts) = replayed("scikit-learn/LinearDiscriminantAnalysis.fit", "float64-20", |function, result, _| match function {
        "zeros" | "std" => refused("not here"),
        _ => result,
    });
    assert_eq!((case.end, verdicts), (ReplayEnd::Blocked, [Verdict::Fail, Verdict::Blocked]));
    let found: Vec<(&str, &str, Cause)> = case.blockers.iter().map(|b| (b.function.as_str(), b.at.as_str(), b.cause)).collect();
    let line = |n: u32| format!("sklearn/discriminant_analysis.py:{n}");
    assert_eq!(found, [("zeros", line(116).as_str(), Cause::Raised), ("std", line(602).as_str(), Cause::Raised)]);
    assert!(case.blockers[0].message.contains("not here"), "{:?}", case.blockers[0]);
}

#[test]
fn a_wrong_result_is_traced_to_the_call_that_gives_it() {
    let (case, verdicts) =
        replayed("scikit-learn/LinearDiscriminantAnalysis.fit", "float64-20", |function, result, reference| match (function, result) {
            ("unique_inverse", Ok(Output::Fields(kind, fields))) => {
                let twisted = fields.into_iter().map(|(name, field)| match field {
                    Output::Array(array) if name == "inverse_indices" => Ok((name, Output::Array(reversed(&array, reference)?))),
                    other => Ok((name, other)),
                });
                Ok(Output::Fields(kind, twisted.collect::<Result<_, CallError>>()?))
            }
            (_, result) => result,
        });
    assert_eq!((case.end, verdicts), (ReplayEnd::Wrong, [Verdict::Pass, Verdict::Fail]), "{}", case.why);
    assert!(case.why.contains("unique_inverse(r7)` at sklearn/discriminant_analysis.py:115 is the first that differs"), "{}", case.why);
}

#[test]
fn a_consumer_that_leans_on_the_order_of_unique_values_is_found_and_the_library_is_not_blamed() {
    let descending: Change = |function, result, reference| match (function, result) {
        ("unique_values", Ok(Output::Array(array))) => {
            let host = reference.to_host(&array)?;
            let mut elements: Vec<Element> = host.elements().collect();
            elements.sort_by(|a, b| b.components().0.total_cmp(&a.components().0));
            Ok(Output::Array(reference.from_host(&Array::from_elements(host.dtype, host.shape.clone(), elements))?))
        }
        (_, result) => result,
    };
    let (case, verdicts) = replayed("scikit-learn/LinearDiscriminantAnalysis.predict", "float64-20", descending);
    assert_eq!((case.end, verdicts), (ReplayEnd::Freedom, [Verdict::Pass, Verdict::NotTested]), "{}", case.why);
    assert!(case.why.contains("unique_values") && case.why.contains("as the standard allows"), "{}", case.why);
    let (usual, _) = replayed("scikit-learn/LinearDiscriminantAnalysis.predict", "float64-20", |_, result, _| result);
    assert_eq!(usual.end, ReplayEnd::Right, "{}", usual.why);
}

#[test]
fn a_consumer_that_writes_to_a_view_leans_on_more_than_the_standard_promises() {
    // The reference returns copies, as the standard allows.
    let (case, verdicts) = replayed("scipy/signal.oaconvolve", "float64-48", |_, result, _| result);
    assert_eq!((case.end, verdicts[1]), (ReplayEnd::Freedom, Verdict::Pass), "{}", case.why);
    assert!(case.why.contains("the reference gives another result too"), "{}", case.why);
    // An element that is wrong beside that is the library's fault.
    let (case, verdicts) = replayed("scipy/signal.oaconvolve", "float64-48", |function, result, reference| match (function, result) {
        ("fft.irfft" | "fft.irfftn", Ok(Output::Array(array))) => Ok(Output::Array(reversed(&array, reference)?)),
        (_, result) => result,
    });
    assert_eq!((case.end, verdicts[1]), (ReplayEnd::Wrong, Verdict::Fail), "{}", case.why);
}
