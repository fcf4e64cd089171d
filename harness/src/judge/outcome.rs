//! One outcome against one case: which checks hold.

use std::collections::BTreeMap;

use array_assay_format::{Cause, Verdict};
use array_assay_interface::{Array, DType, Element, Outcome, Program, Role, Value};
use array_assay_oracle::Kernel;
use array_assay_spec::{Function, OperatorForm, Rule, RuleBody, Spec};

use super::element::{Judgement, ValueJudge};
use super::tally::{AccuracyTally, Failure, FunctionTally, Slot, Tally};
use crate::generate::{CallForm, Case, Pairing, StreamKind};

/// What became of a program: an outcome of the worker, or a fault of its process.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// The worker answered.
    Outcome(Outcome),
    /// Its process died.
    Crashed(String),
    /// It did not answer in time.
    TimedOut,
    /// It exceeded its memory limit.
    OutOfMemory,
    /// It broke the protocol.
    Breached(String),
    /// Not run: the function was given up after several faults.
    Skipped,
}

/// Cause, verdict, and what came instead of a result.
pub(super) type Fault = (Cause, Verdict, String);

/// Why there are no values to judge.
pub(super) enum NoResult {
    /// The function was given up before.
    Skipped,
    /// An operand could not be prepared.
    NotPrepared,
    /// The call itself.
    Fault(Fault),
}

/// Judges outcomes of one function.
pub struct FunctionJudge<'a> {
    spec: &'a Spec,
    function: &'a Function,
    kernel: &'a Kernel,
    /// Capabilities that the worker declared absent.
    absent: &'a BTreeMap<String, bool>,
}

impl<'a> FunctionJudge<'a> {
    /// The judge of `function`; `capabilities` are those that the worker declared.
    pub fn new(spec: &'a Spec, function: &'a Function, kernel: &'a Kernel, capabilities: &'a BTreeMap<String, bool>) -> Self {
        FunctionJudge { spec, function, kernel, absent: capabilities }
    }

    /// The judge of elements for a promoted dtype.
    pub fn values(&self, dtype: DType) -> ValueJudge<'a> {
        let result = self.function.result.dtype_of(dtype, dtype);
        ValueJudge::new(self.spec, self.function, self.kernel, dtype, result)
    }

    /// Judges what came of the case `index` of a stream.
    #[allow(clippy::too_many_arguments)]
    pub fn judge(
        &self,
        kind: StreamKind<'_>,
        rule: Option<usize>,
        index: u64,
        combination: usize,
        case: &Case,
        program: &Program,
        observed: &Observed,
        tally: &mut FunctionTally,
    ) {
        let form = case.form();
        let call = match rule {
            Some(rule) => Slot::Special(rule),
            None => Slot::Call(form),
        };
        let fault = |(cause, verdict, got): Fault| Failure { index, element: None, cause, expected: "a result".to_owned(), got, verdict };
        let values = match result_of(self.absent, program, observed) {
            Ok(values) => values,
            Err(NoResult::Skipped) => {
                tally.at(call, combination).skipped += 1;
                return;
            }
            Err(NoResult::NotPrepared) => return,
            Err(NoResult::Fault(why)) => {
                let tally = tally.at(call, combination);
                // In the stream of a special case a call without a result is kept apart: where the function's own calls fail too, it
                // says nothing about the case.
                if rule.is_none() {
                    tally.fail(fault(why));
                } else if tally.no_result.is_none() {
                    tally.no_result = Some(fault(why));
                }
                return;
            }
        };
        if rule.is_none() {
            tally.at(call, combination).pass();
        }
        let Some((returned, inputs)) = values.split_first().filter(|_| values.len() == program.returns.len()) else {
            let got = format!("{} values for {} registers", values.len(), program.returns.len());
            return tally.at(call, combination).fail(fault((Cause::Protocol, Verdict::Crash, got)));
        };
        let changed = usize::from(self.function.is_operator(OperatorForm::InPlace));
        judge_purity(index, case.arrays().map(|(array, _)| array).skip(changed), inputs, tally.at(Slot::Pure, combination));
        let Some(result) = self.judge_container(rule.is_some(), form, index, combination, case, returned, tally) else { return };
        match (kind, rule) {
            (StreamKind::Special(special), Some(slot)) => self.judge_special(special, slot, index, combination, case, result, tally),
            _ => self.judge_value(form, index, combination, case, result, tally),
        }
    }

    /// Type, dtype and shape; the result if its elements can be judged. In the streams of special cases only the latter.
    #[allow(clippy::too_many_arguments)]
    fn judge_container<'v>(
        &self,
        quiet: bool,
        form: CallForm,
        index: u64,
        combination: usize,
        case: &Case,
        returned: &'v Value,
        tally: &mut FunctionTally,
    ) -> Option<&'v Array> {
        let mut settle = |slot: Slot, deviation: Option<(Cause, String, String)>, note: Option<String>| {
            let holds = deviation.is_none();
            if !quiet {
                let tally = tally.at(slot, combination);
                tally.note = note.or(tally.note.take());
                match deviation {
                    None => tally.pass(),
                    Some((cause, expected, got)) => {
                        tally.fail(Failure { index, element: None, cause, expected, got, verdict: Verdict::Fail });
                    }
                }
            }
            holds
        };
        let (array, note) = match returned {
            Value::Array(array) => (Some(array), None),
            Value::ArrayScalar { array, type_name } => {
                (Some(array), Some(format!("{type_name} is taken for an array: it has an array's attributes")))
            }
            _ => (None, None),
        };
        let container = array.is_none().then(|| (Cause::WrongType, "an array".to_owned(), returned.to_string()));
        settle(Slot::Type(form), container, note);
        let array = array?;
        let dtype = case.result_dtype(self.spec, self.function)?;
        let wrong_dtype = (array.dtype != dtype).then(|| (Cause::WrongDtype, format!("dtype {dtype}"), format!("dtype {}", array.dtype)));
        let shape = case.result_shape(self.function)?;
        let wrong_shape = (array.shape != shape)
            .then(|| (Cause::WrongShape, format!("shape {}", tuple(&shape)), format!("shape {}", tuple(&array.shape))));
        let dtype_holds = settle(Slot::Dtype(form), wrong_dtype, None);
        let shape_holds = settle(Slot::Shape(form), wrong_shape, None);
        (dtype_holds && shape_holds).then_some(array)
    }

    fn judge_value(&self, form: CallForm, index: u64, combination: usize, case: &Case, result: &Array, tally: &mut FunctionTally) {
        let Some(common) = case.common_dtype(self.spec) else { return };
        let values = self.values(common);
        let pairing = case.pairing(common, &result.shape);
        let slot = Slot::Value(form);
        let mut wrong: Option<Failure> = None;
        let mut inaccurate: Option<Failure> = None;
        // The accuracy of a combination is that of its own dtype: a complex result of real arrays is left out.
        let graded = form != CallForm::ComplexScalar;
        let mut accuracy = match graded {
            true => std::mem::take(&mut tally.at(Slot::Accuracy { complex: false }, combination).accuracy),
            false => AccuracyTally::default(),
        };
        let mut classes = tally.at(slot, combination).classes;
        for (i, got) in result.elements().enumerate() {
            let args = pairing.arguments(i);
            let failure = |expected: String, cause: Cause| Failure {
                index,
                element: Some(i),
                cause,
                expected,
                got: got.to_string(),
                verdict: Verdict::Fail,
            };
            match values.judge(&args, got, &mut accuracy) {
                Judgement::Right | Judgement::Unjudged => {}
                Judgement::Flushed => classes.flushed += 1,
                Judgement::Alternative => classes.alternative += 1,
                Judgement::Inaccurate(error) => {
                    let want = self.kernel.eval(common, &args).value.unwrap_or(Element::F64(f64::NAN)).cast(result.dtype);
                    let within = values.limit().unwrap_or_default();
                    inaccurate.get_or_insert_with(|| {
                        failure(format!("{want} within {within} ULP (the error is {error:.3e})"), Cause::Inaccurate)
                    });
                }
                Judgement::Wrong(expected) => {
                    wrong.get_or_insert_with(|| failure(expected, Cause::WrongValue));
                }
                Judgement::CaseBroken(_, expected) if self.function.operator.is_some() => {
                    wrong.get_or_insert_with(|| failure(expected, Cause::WrongValue));
                }
                Judgement::CaseBroken(rule, expected) => tally.broken(rule, combination).fail(failure(expected, Cause::WrongValue)),
            }
        }
        let tally_value = tally.at(slot, combination);
        tally_value.classes = classes;
        match wrong {
            Some(failure) => tally_value.fail(failure),
            None => tally_value.pass(),
        }
        if !graded {
            return;
        }
        let complex = common.is_complex();
        let grades = tally.at(Slot::Accuracy { complex }, combination);
        grades.accuracy = accuracy;
        if values.is_approximate() {
            match inaccurate {
                Some(failure) => grades.fail(failure),
                None => grades.pass(),
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn judge_special(
        &self,
        rule: &Rule,
        slot: usize,
        index: u64,
        combination: usize,
        case: &Case,
        result: &Array,
        tally: &mut FunctionTally,
    ) {
        let Some(common) = case.common_dtype(self.spec) else { return };
        let values = self.values(common);
        let pairing = case.pairing(common, &result.shape);
        let tally = tally.at(Slot::Special(slot), combination);
        let mut wrong: Option<Failure> = None;
        let mut judged = false;
        for (i, got) in result.elements().enumerate() {
            let args = pairing.arguments(i);
            match values.judge_special(rule, &args, got) {
                None => continue,
                Some(Judgement::Wrong(_)) if self.function.leaves_open(common, &args) => continue,
                // A symmetry is broken only where the library is right at the mapped argument.
                Some(Judgement::Wrong(_)) if self.mapped_is_wrong(rule, &values, &pairing, result, &args) => continue,
                Some(Judgement::Flushed) => tally.classes.flushed += 1,
                Some(Judgement::Alternative) => tally.classes.alternative += 1,
                Some(Judgement::Wrong(expected)) => {
                    wrong.get_or_insert_with(|| Failure {
                        index,
                        element: Some(i),
                        cause: Cause::WrongValue,
                        expected,
                        got: got.to_string(),
                        verdict: Verdict::Fail,
                    });
                }
                Some(_) => {}
            }
            judged = true;
        }
        match wrong {
            Some(failure) => tally.fail(failure),
            None if judged => tally.pass(),
            None => {}
        }
    }
}

impl FunctionJudge<'_> {
    /// For a symmetry: whether the result holds no right element at the mapped argument.
    fn mapped_is_wrong(&self, rule: &Rule, values: &ValueJudge<'_>, pairing: &Pairing<'_>, result: &Array, args: &[Element]) -> bool {
        let RuleBody::Symmetry(map) = rule.body else { return false };
        let mapped = |other: &[Element]| other.iter().zip(args).all(|(a, b)| a.same_bits(map.argument(*b)));
        let partner = (0..result.len()).find(|j| mapped(&pairing.arguments(*j)));
        partner.is_none_or(|j| matches!(values.judge_by_cases(&pairing.arguments(j), result.get(j)), Some(Judgement::CaseBroken(..))))
    }
}

/// Whether the inputs came back as they went in.
pub(super) fn judge_purity<'c>(index: u64, before: impl Iterator<Item = &'c Array>, inputs: &[Value], tally: &mut Tally) {
    if inputs.is_empty() {
        return;
    }
    let changed = before.zip(inputs).find_map(|(before, after)| match after {
        Value::Array(after) | Value::ArrayScalar { array: after, .. } if after == before => None,
        other => Some((before, other)),
    });
    match changed {
        None => tally.pass(),
        Some((before, after)) => tally.fail(Failure {
            index,
            element: None,
            cause: Cause::MutatedInput,
            expected: format!("the input as it was: {before}"),
            got: format!("{after}"),
            verdict: Verdict::Fail,
        }),
    }
}

/// The values that came back, or why none did.
pub(super) fn result_of<'o>(
    capabilities: &BTreeMap<String, bool>,
    program: &Program,
    observed: &'o Observed,
) -> Result<&'o [Value], NoResult> {
    let fault = |cause, verdict, got: String| Err(NoResult::Fault((cause, verdict, got)));
    // What fails in a step that prepares an operand says nothing about the subject.
    let subject = |step: Option<u32>, cause, verdict, got: String| {
        if is_prepare(program, step) { Err(NoResult::NotPrepared) } else { fault(cause, verdict, got) }
    };
    match observed {
        Observed::Skipped => Err(NoResult::Skipped),
        Observed::Crashed(detail) => fault(Cause::Crashed, Verdict::Crash, format!("the worker process died: {detail}")),
        Observed::TimedOut => fault(Cause::TimedOut, Verdict::Timeout, "no answer within the time limit".to_owned()),
        Observed::OutOfMemory => fault(Cause::OutOfMemory, Verdict::Crash, "the worker process exceeded its memory limit".to_owned()),
        Observed::Breached(detail) => fault(Cause::Protocol, Verdict::Crash, format!("the worker broke the protocol: {detail}")),
        Observed::Outcome(Outcome::Values(values)) => Ok(values),
        Observed::Outcome(Outcome::Missing { name, step, .. }) => {
            subject(*step, Cause::MissingName, Verdict::Missing, format!("the library has no `{name}`"))
        }
        Observed::Outcome(Outcome::Unsupported { capability, step, .. }) => {
            // No capability excuses a call yet, so the claim counts as raised.
            let declared = if capabilities.get(capability) == Some(&false) { "declared" } else { "never declared" };
            let got = format!("unsupported: {capability} ({declared}; no capability excuses this call)");
            subject(*step, Cause::Raised, Verdict::Fail, got)
        }
        Observed::Outcome(Outcome::Raised { exception, step, .. }) => {
            subject(*step, Cause::Raised, Verdict::Fail, format!("{}: {}", exception.type_name, exception.message))
        }
    }
}

fn is_prepare(program: &Program, step: Option<u32>) -> bool {
    step.is_some_and(|i| program.steps.get(i as usize).is_some_and(|s| s.role == Role::Prepare))
}

/// A shape as Python writes it.
pub fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}
