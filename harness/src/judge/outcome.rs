//! One outcome against one case: which checks hold.

use std::collections::BTreeMap;
use std::ops::Range;

use array_assay_format::{Cause, Verdict};
use array_assay_interface::{Array, DType, Element, Outcome, Program, Role, Unfit, Value};
use array_assay_oracle::Kernel;
use array_assay_spec::{Function, OperatorForm, Rule, RuleBody, Spec};

use super::demand::{self, Demand, Fact, Is, Where};
use super::element::{Judgement, Modes, ValueJudge};
use super::kind::{self, Kinds};
use super::tally::{AccuracyTally, Failure, FunctionTally, Slot, Tally};
use crate::elements::{agree, flush};
use crate::generate::{CallForm, Case, CaseBlock, Layout, Losses, Operand, Pairing, StreamKind, exercised_by, tuple};
use crate::observed::Observed;

/// Cause, verdict, and what came instead of a result.
pub(super) type Fault = (Cause, Verdict, String);

/// Why there are no values to judge.
pub(super) enum NoResult {
    /// The function was given up before.
    Skipped,
    /// A step that only prepares the call, or makes its result visible, failed: what came instead.
    NotPrepared(String),
    /// The call itself.
    Fault(Fault),
}

/// Where a case, or the first of a block, stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'r> {
    /// What its stream is about.
    pub kind: StreamKind<'r>,
    /// The index of the special case, in the stream of one.
    pub rule: Option<usize>,
    /// Its index in the stream.
    pub index: u64,
    /// The combination of dtypes.
    pub combination: usize,
    /// Which elements of the result were drawn for the special case; empty where all count.
    pub targets: &'r [bool],
}

/// Judges outcomes of one function.
pub struct FunctionJudge<'a> {
    spec: &'a Spec,
    function: &'a Function,
    kernel: &'a Kernel,
    /// Capabilities that the worker declared absent.
    absent: &'a BTreeMap<String, bool>,
    /// What is lost on the way into the library and out of it.
    losses: &'a Losses,
}

impl<'a> FunctionJudge<'a> {
    /// The judge of `function`; `capabilities` are those that the worker declared, `losses` what the way to the library loses.
    pub fn new(
        spec: &'a Spec,
        function: &'a Function,
        kernel: &'a Kernel,
        capabilities: &'a BTreeMap<String, bool>,
        losses: &'a Losses,
    ) -> Self {
        FunctionJudge { spec, function, kernel, absent: capabilities, losses }
    }

    /// The judge of elements for a promoted dtype.
    pub fn values(&self, dtype: DType) -> ValueJudge<'a> {
        let result = self.function.result.dtype_of(dtype, dtype);
        let signless = self.losses.loses_sign_of_zero(result);
        let judge = ValueJudge::new(self.spec, self.function, self.kernel, dtype, result);
        judge.of_signless_zeros(signless).of_signless_nans(self.losses.nans.contains_key(&dtype))
    }

    /// The same for the operands of a case.
    fn values_of(&self, dtype: DType, case: &Case) -> ValueJudge<'a> {
        let dtypes = case.operands.iter().map(|operand| match &operand.value {
            Operand::Array(array, _) => array.dtype,
            Operand::Scalar(_) | Operand::Absent => dtype,
        });
        self.values(dtype).of_operands(dtypes)
    }

    /// Whether a call writes to an operand that does not lie contiguous, and so may be a view.
    fn writes_to_view(&self, case: &Case) -> bool {
        let first = case.operands.first().map(|operand| &operand.value);
        self.function.is_operator(OperatorForm::InPlace)
            && matches!(first, Some(Operand::Array(_, layout)) if *layout != Layout::Contiguous)
    }

    /// Judges what came of a case.
    pub fn judge(&self, at: &Place<'_>, case: &Case, program: &Program, observed: &Observed, tally: &mut FunctionTally) {
        let Place { rule, index, combination, .. } = *at;
        let form = case.form();
        let call = match rule {
            Some(rule) => Slot::Special(rule),
            None => Slot::Call(form),
        };
        let fault = |(cause, verdict, got): Fault| Failure {
            index,
            element: None,
            cause,
            expected: "a result".to_owned(),
            got,
            verdict,
            kinds: kind::of_fault(observed),
        };
        let values = match result_of(self.absent, program, observed) {
            Ok(values) => values,
            Err(NoResult::Skipped) => {
                tally.at(call, combination).skipped += 1;
                return;
            }
            Err(NoResult::NotPrepared(why)) => {
                tally.at(call, combination).unprepared.get_or_insert(why);
                return;
            }
            Err(NoResult::Fault(why)) => {
                let tally = tally.at(call, combination);
                if why.0 == Cause::Raised && self.writes_to_view(case) {
                    return tally.excuse("views may be read-only: the library refuses to write to one");
                }
                // In the stream of a special case a call without a result is kept apart: where the function's own calls fail too, it
                // says nothing about the case.
                if rule.is_none() {
                    tally.fail(fault(why));
                } else {
                    tally.without_result(fault(why));
                }
                return;
            }
        };
        if rule.is_none() {
            tally.at(call, combination).pass();
            self.exercise(case, 1, tally);
        }
        let Some((returned, inputs)) = values.split_first().filter(|_| values.len() == program.returns.len()) else {
            let got = format!("{} values for {} registers", values.len(), program.returns.len());
            return tally.at(call, combination).fail(fault((Cause::Protocol, Verdict::Crash, got)));
        };
        let changed = usize::from(self.function.is_operator(OperatorForm::InPlace));
        judge_purity(index, case.arrays().map(|(array, _)| array).skip(changed), inputs, tally.at(Slot::Pure, combination));
        let Some(result) = self.judge_container(at, case, returned, tally) else { return };
        self.judge_elements(at, case, 1, result, tally);
    }

    /// Judges cases whose results came together, if all of them are as they should be but for their elements. Otherwise it says no, and
    /// they are to be judged one by one; the counts come out the same.
    pub fn judge_together(
        &self,
        at: &Place<'_>,
        block: &CaseBlock,
        program: &Program,
        values: &[Value],
        tally: &mut FunctionTally,
    ) -> bool {
        let Some((returned, inputs)) = values.split_first().filter(|_| values.len() == program.returns.len()) else { return false };
        let (Some(result), Some(dtype), Some(shape)) =
            (array_of(returned), block.stacked.result_dtype(self.spec, self.function), block.result_shape(self.function))
        else {
            return false;
        };
        let changed = usize::from(self.function.is_operator(OperatorForm::InPlace));
        let unchanged = |((before, _, shape), after): ((&Array, Layout, &[usize]), &Value)| {
            array_of(after).is_some_and(|after| after.dtype == before.dtype && after.shape[1..] == *shape && after.data == before.data)
        };
        let pure = block.arrays().skip(changed).zip(inputs).all(unchanged);
        if result.dtype != dtype || result.shape[1..] != shape || !pure {
            return false;
        }
        let (form, runs) = (block.stacked.form(), block.runs as u64);
        if at.rule.is_none() {
            for slot in [Slot::Call(form), Slot::Type(form), Slot::Dtype(form), Slot::Shape(form)] {
                tally.at(slot, at.combination).cases += runs;
            }
            if self.function.conditions().next().is_some() {
                self.exercise(&block.case(0), runs, tally);
            }
        }
        if !inputs.is_empty() {
            tally.at(Slot::Pure, at.combination).cases += runs;
        }
        self.judge_elements(at, &block.stacked, block.runs, result, tally);
        true
    }

    /// Counts the clauses whose condition so many cases fulfil, which differ in the elements of their arrays alone.
    fn exercise(&self, case: &Case, cases: u64, tally: &mut FunctionTally) {
        for clause in exercised_by(self.function, case) {
            tally.exercise(clause, cases);
        }
    }

    /// Judges the elements of a result, or of those of several runs along a first axis.
    fn judge_elements(&self, at: &Place<'_>, case: &Case, runs: usize, result: &Array, tally: &mut FunctionTally) {
        match (at.kind, at.rule) {
            (StreamKind::Special(special), Some(slot)) => self.judge_special(special, slot, at, case, runs, result, tally),
            _ => self.judge_value(at, case, runs, result, tally),
        }
    }

    /// Type, dtype and shape; the result if its elements can be judged. In the streams of special cases only the latter.
    fn judge_container<'v>(&self, at: &Place<'_>, case: &Case, returned: &'v Value, tally: &mut FunctionTally) -> Option<&'v Array> {
        let (form, index, combination) = (case.form(), at.index, at.combination);
        let mut settle = |slot: Slot, deviation: Option<(Cause, String, String, Kinds)>| {
            let holds = deviation.is_none();
            // In the stream of a special case they are the matter of the function's own.
            if at.rule.is_none() {
                let tally = tally.at(slot, combination);
                match deviation {
                    None => tally.pass(),
                    Some((cause, expected, got, kinds)) => {
                        tally.fail(Failure { index, element: None, cause, expected, got, verdict: Verdict::Fail, kinds });
                    }
                }
            }
            holds
        };
        if let Value::Unfit(unfit) = returned {
            settle(Slot::Type(form), None);
            let (dtype, shape) = (case.result_dtype(self.spec, self.function)?, case.result_shape(self.function)?);
            let dtype_holds = settle(Slot::Dtype(form), wrong_dtype(dtype, unfit.dtype));
            let shape_holds = settle(Slot::Shape(form), wrong_shape(&shape, &unfit.shape));
            if dtype_holds && shape_holds {
                self.judge_unfit(at, case, unfit, tally);
            }
            return None;
        }
        let array = array_of(returned);
        let kind = || kind::one(kind::of_value(returned));
        let container = array.is_none().then(|| (Cause::WrongType, "an array".to_owned(), returned.to_string(), kind()));
        settle(Slot::Type(form), container);
        let array = array?;
        let dtype = case.result_dtype(self.spec, self.function)?;
        let shape = case.result_shape(self.function)?;
        let dtype_holds = settle(Slot::Dtype(form), wrong_dtype(dtype, array.dtype));
        let shape_holds = settle(Slot::Shape(form), wrong_shape(&shape, &array.shape));
        (dtype_holds && shape_holds).then_some(array)
    }

    /// What a program has to give whose case deviates in this way: the values that came back say which element is wrong.
    pub fn demand(&self, slot: Slot, case: &Case, program: &Program, values: &[Value], failure: &Failure) -> Option<Demand> {
        let fact = |is: Is| Some(Demand::Fact(Fact { of: Where::of(*program.returns.first()?), is }));
        match failure.cause {
            Cause::WrongType | Cause::WrongDtype => fact(Is::OfDtype(case.result_dtype(self.spec, self.function)?)),
            Cause::WrongShape => fact(Is::OfShape(case.result_shape(self.function)?)),
            Cause::MutatedInput => {
                let changed = usize::from(self.function.is_operator(OperatorForm::InPlace));
                let inputs = case.arrays().map(|(array, _)| array).skip(changed);
                demand::unchanged(inputs, values.get(1..)?, program.returns.get(1..)?)
            }
            Cause::WrongValue | Cause::Inaccurate => {
                let common = case.common_dtype(self.spec)?;
                if let Value::Unfit(unfit) = values.first()? {
                    let args = case.pairing(common, &unfit.shape).arguments(unfit.at);
                    let wanted = self.kernel.eval(common, &args).value?.cast(unfit.dtype);
                    let at = demand::index_of(unfit.at, &unfit.shape);
                    return fact(Is::Element(at, unfit.dtype, vec![demand::Number::of(wanted, true)]));
                }
                let result = array_of(values.first()?)?;
                let element = failure.element.filter(|element| *element < result.len())?;
                let args = case.pairing(common, &result.shape).arguments(element);
                let rule = if let Slot::Special(rule) = slot { self.function.rules.get(rule) } else { None };
                let at = demand::index_of(element, &result.shape);
                fact(self.values_of(common, case).demand(at, &args, result.get(element), failure.cause, rule)?)
            }
            _ => Some(Demand::Result),
        }
    }

    /// Judges a result with an element that its dtype cannot hold: where the standard says what the element is, it is wrong.
    fn judge_unfit(&self, at: &Place<'_>, case: &Case, unfit: &Unfit, tally: &mut FunctionTally) {
        let Some(common) = case.common_dtype(self.spec) else { return };
        let pairing = case.pairing(common, &unfit.shape);
        if unfit.at >= unfit.shape.iter().product() {
            return;
        }
        let args = pairing.arguments(unfit.at);
        let wanted = self.kernel.eval(common, &args).value.filter(|_| !self.function.leaves_open(common, &args));
        let slot = match (at.kind, at.rule) {
            (StreamKind::Special(rule), Some(slot)) if rule.claim(self.spec, self.function, common, &args).is_some() => Slot::Special(slot),
            (StreamKind::Function, _) => Slot::Value(case.form()),
            _ => return,
        };
        if let Some(wanted) = wanted {
            tally.at(slot, at.combination).fail(Failure {
                index: at.index,
                element: Some(unfit.at),
                cause: Cause::WrongValue,
                expected: wanted.cast(unfit.dtype).to_string(),
                got: format!("{}, which {} cannot hold", unfit.element, unfit.dtype),
                verdict: Verdict::Fail,
                kinds: kind::one(kind::UNFIT),
            });
        }
    }

    fn judge_value(&self, at: &Place<'_>, case: &Case, runs: usize, result: &Array, tally: &mut FunctionTally) {
        let Some(common) = case.common_dtype(self.spec) else { return };
        let values = self.values_of(common, case);
        let pairing = case.pairing(common, &result.shape);
        let (form, combination) = (case.form(), at.combination);
        let slot = Slot::Value(form);
        // The accuracy of a combination is that of its own dtype: a complex result of real arrays is left out.
        let graded = form != CallForm::ComplexScalar;
        let mut accuracy = match graded {
            true => std::mem::take(&mut tally.at(Slot::Accuracy { complex: false }, combination).accuracy),
            false => AccuracyTally::default(),
        };
        let mut classes = tally.at(slot, combination).classes;
        let complex = common.is_complex();
        for run in 0..runs {
            let (mut wrong, mut inaccurate, mut rounded): (Option<Failure>, Option<Failure>, Option<Failure>) = (None, None, None);
            let mut broken: Option<Failure> = None;
            let mut modes = Modes::ALL;
            let mut classified = 0;
            let mut judged = false;
            for (i, element) in elements_of(run, runs, result.len()).enumerate() {
                let (args, got) = (pairing.arguments(element), result.get(element));
                let failure = |expected: String, cause: Cause| Failure {
                    index: at.index + run as u64,
                    element: Some(i),
                    cause,
                    expected,
                    got: got.to_string(),
                    verdict: Verdict::Fail,
                    kinds: Kinds::new(),
                };
                let mut note = |found: &mut Option<Failure>, expected: String| {
                    let found = found.get_or_insert_with(|| failure(expected, Cause::WrongValue));
                    classified += 1;
                    if classified <= kind::CLASSIFIED {
                        found.kinds.extend(self.kinds(common, &args, got, result.dtype));
                    }
                };
                let judgement = values.judge(&args, got, &mut accuracy);
                judged |= judgement != Judgement::Unjudged;
                match judgement {
                    Judgement::Right | Judgement::Unjudged => {}
                    Judgement::Flushed => classes.flushed += 1,
                    Judgement::Alternative => classes.alternative += 1,
                    Judgement::Inaccurate(error) => {
                        let want = self.kernel.eval(common, &args).value.unwrap_or(Element::F64(f64::NAN)).cast(result.dtype);
                        let within = values.limit().unwrap_or_default();
                        let found = inaccurate.get_or_insert_with(|| {
                            // Around an infinity there is nothing to measure.
                            let finite = want.components().0.is_finite() && want.components().1.is_finite();
                            let limit = if finite { format!(" within {within} ULP (the error is {error:.3e})") } else { String::new() };
                            failure(format!("{want}{limit}"), Cause::Inaccurate)
                        });
                        found.kinds.insert(kind::of_error(error, result.dtype));
                    }
                    Judgement::Rounded(own) => {
                        modes = modes.and(own);
                        let want = self.kernel.eval(common, &args).value.unwrap_or(Element::F64(f64::NAN)).cast(result.dtype);
                        note(&mut rounded, want.to_string());
                    }
                    Judgement::Wrong(expected) => note(&mut wrong, expected),
                    Judgement::CaseBroken(_, expected) if self.function.operator.is_some() => {
                        note(if values.is_approximate() { &mut broken } else { &mut wrong }, expected);
                    }
                    Judgement::CaseBroken(rule, expected) => {
                        let mut of_case = None;
                        note(&mut of_case, expected);
                        of_case.into_iter().for_each(|failure| tally.broken(rule, combination).fail(failure));
                    }
                }
            }
            if rounded.is_some() {
                // One mode has to explain all elements of an array, those included that the default one explains.
                let others = elements_of(run, runs, result.len());
                let others = others.filter_map(|element| values.rounding_modes(&pairing.arguments(element), result.get(element)));
                modes = others.fold(modes, Modes::and);
                match modes.is_empty() {
                    true => wrong = wrong.or(rounded),
                    false => classes.alternative += 1,
                }
            }
            // An empty result, or one all of whose elements the text leaves open, says nothing of values.
            if !judged {
                continue;
            }
            tally.at(slot, combination).settle(wrong);
            if self.function.operator.is_some() && values.is_approximate() {
                let meets_case = || elements_of(run, runs, result.len()).any(|element| values.is_in_some_case(&pairing.arguments(element)));
                if broken.is_some() || meets_case() {
                    tally.at(Slot::Cases, combination).settle(broken);
                }
            }
            if graded && values.is_approximate() {
                tally.at(Slot::Accuracy { complex }, combination).settle(inaccurate);
            }
        }
        tally.at(slot, combination).classes = classes;
        if graded {
            tally.at(Slot::Accuracy { complex }, combination).accuracy = accuracy;
        }
    }

    /// How a wrong element differs from the oracle's.
    fn kinds(&self, common: DType, args: &[Element], got: Element, dtype: DType) -> Kinds {
        self.kernel.eval(common, args).value.map_or_else(Kinds::new, |want| kind::of_element(want.cast(dtype), got))
    }

    #[allow(clippy::too_many_arguments)]
    fn judge_special(&self, rule: &Rule, slot: usize, at: &Place<'_>, case: &Case, runs: usize, result: &Array, tally: &mut FunctionTally) {
        let Some(common) = case.common_dtype(self.spec) else { return };
        let values = self.values_of(common, case);
        let pairing = case.pairing(common, &result.shape);
        let tally = tally.at(Slot::Special(slot), at.combination);
        for run in 0..runs {
            let elements = elements_of(run, runs, result.len());
            let mut wrong: Option<Failure> = None;
            let (mut judged, mut classified) = (false, 0);
            for (i, element) in elements.clone().enumerate() {
                if at.targets.get(element) == Some(&false) {
                    continue;
                }
                let (args, got) = (pairing.arguments(element), result.get(element));
                match values.judge_special(rule, &args, got) {
                    None => continue,
                    Some(Judgement::Wrong(_)) if self.function.leaves_open(common, &args) => continue,
                    // A symmetry is broken only where the library is right at the mapped argument.
                    Some(Judgement::Wrong(_)) if self.mapped_is_wrong(rule, &values, &pairing, (result, elements.clone()), &args) => {
                        continue;
                    }
                    Some(Judgement::Flushed) => tally.classes.flushed += 1,
                    Some(Judgement::Alternative) => tally.classes.alternative += 1,
                    Some(Judgement::Wrong(expected)) => {
                        let wrong = wrong.get_or_insert_with(|| Failure {
                            index: at.index + run as u64,
                            element: Some(i),
                            cause: Cause::WrongValue,
                            expected,
                            got: got.to_string(),
                            verdict: Verdict::Fail,
                            kinds: Kinds::new(),
                        });
                        classified += 1;
                        if classified <= kind::CLASSIFIED {
                            wrong.kinds.extend(self.kinds(common, &args, got, result.dtype));
                        }
                    }
                    Some(_) => {}
                }
                judged = true;
            }
            if judged {
                tally.settle(wrong);
            }
        }
    }

    /// For a symmetry: whether the result holds no right element at the mapped argument, among these elements.
    fn mapped_is_wrong(
        &self,
        rule: &Rule,
        values: &ValueJudge<'_>,
        pairing: &Pairing<'_>,
        (result, mut elements): (&Array, Range<usize>),
        args: &[Element],
    ) -> bool {
        let RuleBody::Symmetry(map) = rule.body else { return false };
        let mapped = |other: &[Element]| other.iter().zip(args).all(|(a, b)| a.same_bits(map.argument(*b)));
        let partner = elements.find(|j| mapped(&pairing.arguments(*j)));
        partner.is_none_or(|j| values.breaks_some_case(&pairing.arguments(j), result.get(j)))
    }
}

/// The elements of one run, where all are `total`.
fn elements_of(run: usize, runs: usize, total: usize) -> Range<usize> {
    let each = total / runs;
    run * each..(run + 1) * each
}

/// The array that a value is. A scalar object with an array's attributes is taken for one; the header of the results names its type.
fn array_of(value: &Value) -> Option<&Array> {
    match value {
        Value::Array(array) | Value::ArrayScalar { array, .. } => Some(array),
        _ => None,
    }
}

/// Cause, what was expected, what came, and how it deviates.
type Deviation = (Cause, String, String, Kinds);

fn wrong_dtype(wanted: DType, got: DType) -> Option<Deviation> {
    (got != wanted).then(|| (Cause::WrongDtype, format!("dtype {wanted}"), format!("dtype {got}"), kind::one(got.name())))
}

fn wrong_shape(wanted: &[usize], got: &[usize]) -> Option<Deviation> {
    let kinds = || kind::one(kind::of_shape(wanted, got));
    (got != wanted).then(|| (Cause::WrongShape, format!("shape {}", tuple(wanted)), format!("shape {}", tuple(got)), kinds()))
}

/// Whether the inputs came back as they went in.
pub(super) fn judge_purity<'c>(index: u64, before: impl Iterator<Item = &'c Array>, inputs: &[Value], tally: &mut Tally) {
    if inputs.is_empty() {
        return;
    }
    let changed = before.zip(inputs).find_map(|(before, after)| match after {
        Value::Array(after) | Value::ArrayScalar { array: after, .. } if is_unchanged(before, after) => None,
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
            kinds: Kinds::new(),
        }),
    }
}

/// Whether an input is as it went in. A function that moves elements may have prepared it: like every function it may change the payloads and
/// signs of NaNs, and take subnormal numbers as zero.
fn is_unchanged(before: &Array, after: &Array) -> bool {
    let alike = |(before, after): (Element, Element)| agree(before, after, false) || agree(flush(before), after, false);
    before == after
        || before.dtype.is_floating()
            && (before.dtype, &before.shape) == (after.dtype, &after.shape)
            && before.elements().zip(after.elements()).all(alike)
}

/// The values that came back, or why none did.
pub(super) fn result_of<'o>(
    capabilities: &BTreeMap<String, bool>,
    program: &Program,
    observed: &'o Observed,
) -> Result<&'o [Value], NoResult> {
    let fault = |cause, verdict, got: String| Err(NoResult::Fault((cause, verdict, got)));
    // What fails in a step that prepares an operand says nothing about the subject.
    let subject = |step: Option<u32>, cause, verdict, got: String| match step {
        // No step is to blame: a fault between harness and library, which says nothing about the call.
        None => Err(NoResult::NotPrepared(format!("an array could not be made or handed back: {got}"))),
        Some(step) if is_prepare(program, step) => Err(NoResult::NotPrepared(got)),
        Some(_) => fault(cause, verdict, got),
    };
    match observed {
        Observed::Skipped => Err(NoResult::Skipped),
        Observed::Crashed(detail) => fault(Cause::Crashed, Verdict::Crash, format!("the worker process died: {detail}")),
        Observed::TimedOut => fault(Cause::TimedOut, Verdict::Timeout, "no answer within the time limit".to_owned()),
        Observed::OutOfMemory => fault(Cause::OutOfMemory, Verdict::Crash, "the worker process exceeded its memory limit".to_owned()),
        Observed::Breached(detail) => fault(Cause::Protocol, Verdict::Crash, format!("the worker broke the protocol: {detail}")),
        // Joined outcomes were taken apart, or judged together.
        Observed::Outcome(Outcome::Values(values) | Outcome::Joined { values, .. }) => Ok(values),
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

fn is_prepare(program: &Program, step: u32) -> bool {
    program.steps.get(step as usize).is_some_and(|s| s.role == Role::Prepare)
}
