//! Judges one outcome against one case of an element-wise function: which checks hold.

use std::collections::BTreeMap;
use std::ops::Range;

use array_assay_format::{Cause, Classes, Property, Verdict};
use array_assay_interface::{Array, DType, Element, Outcome, Program, Role, Unfit, Value};
use array_assay_oracle::Kernel;
use array_assay_oracle::call::{self as expected, ArrayExpectation, Expectation, Given};
use array_assay_spec::checks::{ACCURACY, APPROXIMATE, APPROXIMATE_SCALAR, CASES, COMPLEX_ACCURACY};
use array_assay_spec::{Function, OperatorForm, Rule, RuleBody, Spec, SymmetryMap, ValueClass};

use super::demand::{self, Demand, Fact, Is, Where};
use super::element::{Judgement, Modes, ValueJudge};
use super::expectation::{self, Mismatch};
use super::kind::{self, Kinds};
use super::ledger::{Checks, Ledger};
use super::tally::{AccuracyTally, Failure, NoResult, Tally};
use crate::elements::{agree, flush};
use crate::generate::{Call, CallForm, CaseBlock, CaseId, Layout, Losses, PERIOD, Pairing, changed, exercised_by};
use crate::observed::Observed;

/// A case, and where it counts. For a block, its first case.
#[derive(Debug, Clone, Copy)]
pub struct Place<'r> {
    /// The case.
    pub id: CaseId,
    /// The cell: the index of its combination of dtypes among those of the function.
    pub cell: usize,
    /// The target mask: which elements of the result were drawn for the special case. Empty if all count.
    pub targets: &'r [bool],
}

/// The properties that hold of every case whose result has the right dtype and shape.
const CONTAINER: [Property; 3] = [Property::Type, Property::Dtype, Property::Shape];

/// Judges outcomes of one function.
pub struct FunctionJudge<'a> {
    spec: &'a Spec,
    function: &'a Function,
    kernel: &'a Kernel,
    checks: Checks,
    /// Capabilities that the worker declared absent.
    absent: &'a BTreeMap<String, bool>,
    /// The values and shapes that do not come back from the library unchanged.
    losses: &'a Losses,
}

impl<'a> FunctionJudge<'a> {
    /// The judge of `function`. `capabilities` are those that the worker declared. `losses` are the values that do not reach the library or
    /// do not come back.
    pub fn new(
        spec: &'a Spec,
        function: &'a Function,
        kernel: &'a Kernel,
        capabilities: &'a BTreeMap<String, bool>,
        losses: &'a Losses,
    ) -> Self {
        FunctionJudge { spec, function, kernel, checks: Checks::new(function), absent: capabilities, losses }
    }

    /// All checks of the function.
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    /// The check of the values of calls of a form on operands of a promoted dtype. If a function is exact on some dtypes, its approximations
    /// on others have a check of their own.
    pub fn value_check(&self, form: CallForm, common: DType) -> Option<usize> {
        let apart = self.function.is_partly_approximate() && self.function.value_class(common) == ValueClass::Approximate;
        let slug = match form {
            CallForm::Arrays if apart => Some(APPROXIMATE),
            CallForm::Scalar if apart => Some(APPROXIMATE_SCALAR),
            _ => form.slug(),
        };
        self.checks.find(Property::Value, slug)
    }

    /// The check of the accuracy on a promoted dtype.
    pub fn accuracy_check(&self, common: DType) -> Option<usize> {
        self.checks.find(Property::Value, Some(if common.is_complex() { COMPLEX_ACCURACY } else { ACCURACY }))
    }

    /// The check of a special case, by the index of its rule.
    pub fn special_check(&self, rule: usize) -> Option<usize> {
        self.checks.find(Property::Special, Some(&self.function.rules[rule].slug))
    }

    /// The check that the call returns, which a case counts for. A case of a special case counts for that.
    pub fn call_check(&self, id: CaseId, case: &Call<'_>) -> Option<usize> {
        match id.special() {
            Some(rule) => self.special_check(rule),
            None => self.checks.find(Property::Call, case.form().slug()),
        }
    }

    /// The rule of the special case that a check is about.
    pub fn rule_of(&self, check: usize) -> Option<usize> {
        let id = &self.checks[check].id;
        let slug = id.slug.as_deref().filter(|_| id.property == Property::Special)?;
        self.function.rules.iter().position(|rule| rule.slug == slug)
    }

    /// The judge of elements for a promoted dtype.
    pub fn values(&self, dtype: DType) -> ValueJudge<'a> {
        let result = self.function.result.dtype_of(dtype, dtype);
        let signless = self.losses.loses_sign_of_zero(result);
        let judge = ValueJudge::new(self.spec, self.function, self.kernel, dtype, result);
        judge.of_signless_zeros(signless).of_signless_nans(self.losses.nans.contains_key(&dtype))
    }

    /// The judge of elements for the operands of a case.
    fn values_of(&self, dtype: DType, case: &Call<'_>) -> ValueJudge<'a> {
        let own = |k| case.operand(self.function, k).and_then(Given::leaf).map_or(dtype, |array| array.dtype);
        let dtypes = (0..self.function.operands.len()).map(own);
        self.values(dtype).of_operands(dtypes)
    }

    /// Whether a call writes to an operand that is not contiguous, and so may be a view.
    fn writes_to_view(&self, case: &Call<'_>) -> bool {
        self.function.is_operator(OperatorForm::InPlace) && case.layouts.first().is_some_and(|layout| *layout != Layout::Contiguous)
    }

    /// Judges the outcome of a case.
    pub fn judge(&self, at: &Place<'_>, case: &Call<'_>, program: &Program, observed: &Observed, ledger: &mut Ledger) {
        let Place { id, cell, .. } = *at;
        let Some(call) = self.call_check(id, case) else { return };
        let is_special = id.special().is_some();
        let values = match result_of(self.absent, program, observed) {
            Ok(values) => values,
            Err(why) => {
                let tally = ledger.at(call, cell);
                return match why {
                    why if why.is_raised() && self.writes_to_view(case) => {
                        tally.excuse("views may be read-only: the library refuses to write to one");
                    }
                    // In the stream of a special case, a call without a result is counted apart. If the function's own calls fail too, it
                    // says nothing about the special case.
                    NoResult::Fault(verdict, mismatch) if is_special => tally.without_result(Failure::new(id, verdict, mismatch)),
                    why => tally.without_values(id, why),
                };
            }
        };
        let Some((returned, inputs)) = values.split_first().filter(|_| values.len() == program.returns.len()) else {
            let got = format!("{} values for {} registers", values.len(), program.returns.len());
            let mismatch = Mismatch::new(Cause::Protocol, "a result", got, kind::of_fault(observed));
            return ledger.at(call, cell).fail(Failure::new(id, Verdict::Crash, mismatch));
        };
        if !is_special {
            ledger.at(call, cell).pass();
            self.exercise(case, 1, ledger);
        }
        if let Some(pure) = self.checks.find(Property::Pure, None) {
            judge_purity(id, case.preserved(self.function).into_iter(), inputs, ledger.at(pure, cell));
        }
        let Some(result) = self.judge_container(at, case, returned, ledger) else { return };
        self.judge_elements(at, case, 1, result, ledger);
    }

    /// Judges all cases of a block at once, if their results came together and have the right dtype and shape, and no input changed.
    /// Otherwise returns `false`; the cases are then judged one by one, with the same counts.
    pub fn judge_together(&self, at: &Place<'_>, block: &CaseBlock<'_>, program: &Program, values: &[Value], tally: &mut Ledger) -> bool {
        let Some((returned, inputs)) = values.split_first().filter(|_| values.len() == program.returns.len()) else { return false };
        let (Some(result), Some(dtype), Some(shape)) =
            (array_of(returned), block.stacked.result_dtype(self.spec, self.function), block.result_shape(self.function))
        else {
            return false;
        };
        let unchanged = |((before, _, shape), after): ((&Array, Layout, &[usize]), &Value)| {
            array_of(after).is_some_and(|after| after.dtype == before.dtype && after.shape[1..] == *shape && after.data == before.data)
        };
        let pure = block.arrays().skip(changed(self.function)).zip(inputs).all(unchanged);
        if result.dtype != dtype || result.shape[1..] != shape || !pure {
            return false;
        }
        let (form, runs) = (block.stacked.form(), block.runs as u64);
        // In the stream of a special case, only calls without a result are counted for the special case.
        let call = Some(Property::Call).filter(|_| at.id.special().is_none());
        for check in call.iter().chain(&CONTAINER).filter_map(|property| self.checks.find(*property, form.slug())) {
            tally.at(check, at.cell).cases += runs;
        }
        if call.is_some() && self.function.conditions().next().is_some() {
            self.exercise(&block.case(0), runs, tally);
        }
        if let Some(pure) = self.checks.find(Property::Pure, None).filter(|_| !inputs.is_empty()) {
            tally.at(pure, at.cell).cases += runs;
        }
        self.judge_elements(at, &block.stacked, block.runs, result, tally);
        true
    }

    /// Counts the clauses whose condition a case fulfils. `cases` is the number of cases that differ from it only in the elements of their
    /// arrays.
    fn exercise(&self, case: &Call<'_>, cases: u64, tally: &mut Ledger) {
        for clause in exercised_by(self.function, case) {
            tally.exercise(clause, cases);
        }
    }

    /// Judges the elements of a result, or of the results of several runs, stacked along a first axis.
    fn judge_elements(&self, at: &Place<'_>, case: &Call<'_>, runs: usize, result: &Array, tally: &mut Ledger) {
        let Some(common) = case.common_dtype(self.spec) else { return };
        let (values, pairing) = (self.values_of(common, case), case.pairing(self.function, common, &result.shape));
        let elements = Elements { at, common, form: case.form(), values, pairing, result, runs };
        if let Some(rule) = at.id.special() {
            self.judge_special(rule, &elements, tally);
        }
        // Most elements in the stream of a special case are ordinary ones.
        self.judge_value(&elements, tally);
    }

    /// Judges type, dtype and shape, and returns the result if its elements can be judged.
    fn judge_container<'v>(&self, at: &Place<'_>, case: &Call<'_>, returned: &'v Value, ledger: &mut Ledger) -> Option<&'v Array> {
        let (dtype, shape) = (case.result_dtype(self.spec, self.function)?, case.result_shape(self.function)?);
        let container = Expectation::Array(ArrayExpectation { dtype, shape, elements: expected::Elements::Any(expected::Example::ZEROS) });
        let findings = expectation::judge(&container, returned, &[]);
        for (property, mismatch) in findings.iter() {
            if let Some(check) = self.checks.find(property, case.form().slug()) {
                let failure = mismatch.map(|mismatch| Failure::new(at.id, Verdict::Fail, mismatch.clone()));
                ledger.at(check, at.cell).settle(failure);
            }
        }
        match returned {
            _ if !findings.hold() => None,
            Value::Unfit(unfit) => {
                self.judge_unfit(at, case, unfit, ledger);
                None
            }
            _ => array_of(returned),
        }
    }

    /// What would hold of a program if its case did not deviate in this way. `values` are the returned values, which show the wrong
    /// element.
    pub fn demand(&self, check: usize, case: &Call<'_>, program: &Program, values: &[Value], failure: &Failure) -> Option<Demand> {
        let fact = |is: Is| Some(Demand::Fact(Fact { of: Where::of(*program.returns.first()?), is }));
        match failure.cause {
            Cause::WrongType | Cause::WrongDtype => fact(Is::OfDtype(case.result_dtype(self.spec, self.function)?)),
            Cause::WrongShape => fact(Is::OfShape(case.result_shape(self.function)?)),
            Cause::MutatedInput => {
                demand::unchanged(case.preserved(self.function).into_iter(), values.get(1..)?, program.returns.get(1..)?)
            }
            Cause::WrongValue | Cause::Inaccurate => {
                let common = case.common_dtype(self.spec)?;
                if let Value::Unfit(unfit) = values.first()? {
                    let args = case.pairing(self.function, common, &unfit.shape).arguments(unfit.at);
                    let wanted = self.kernel.eval(common, &args).value?.cast(unfit.dtype);
                    let at = demand::index_of(unfit.at, &unfit.shape);
                    return fact(Is::Element(at, unfit.dtype, vec![demand::Number::of(wanted, true)]));
                }
                let result = array_of(values.first()?)?;
                let element = failure.element.filter(|element| *element < result.len())?;
                let args = case.pairing(self.function, common, &result.shape).arguments(element);
                let rule = self.rule_of(check).map(|rule| &self.function.rules[rule]);
                let at = demand::index_of(element, &result.shape);
                fact(self.values_of(common, case).demand(at, &args, result.get(element), failure.cause, rule)?)
            }
            _ => Some(Demand::Result),
        }
    }

    /// Judges a result with an element that its dtype cannot hold. The element is wrong if the standard says what it should be.
    fn judge_unfit(&self, at: &Place<'_>, case: &Call<'_>, unfit: &Unfit, tally: &mut Ledger) {
        let Some(common) = case.common_dtype(self.spec) else { return };
        let pairing = case.pairing(self.function, common, &unfit.shape);
        if unfit.at >= unfit.shape.iter().product() {
            return;
        }
        let args = pairing.arguments(unfit.at);
        let wanted = self.kernel.eval(common, &args).value.filter(|_| !self.function.leaves_open(common, &args));
        let is_about = |rule: &usize| self.function.rules[*rule].claim(self.spec, self.function, common, &args).is_some();
        let check = match at.id.special() {
            Some(rule) => Some(rule).filter(is_about).and_then(|rule| self.special_check(rule)),
            None => self.value_check(case.form(), common),
        };
        if let (Some(wanted), Some(check)) = (wanted, check) {
            let got = format!("{}, which {} cannot hold", unfit.element, unfit.dtype);
            let mismatch = Mismatch::new(Cause::WrongValue, wanted.cast(unfit.dtype).to_string(), got, kind::one(kind::UNFIT));
            tally.at(check, at.cell).fail(Failure { element: Some(unfit.at), ..Failure::new(at.id, Verdict::Fail, mismatch) });
        }
    }

    /// Judges the values of all runs, and their accuracy if they are approximations.
    fn judge_value(&self, of: &Elements<'_>, ledger: &mut Ledger) {
        let cell = of.at.cell;
        let Some(check) = self.value_check(of.form, of.common) else { return };
        let is_approximate = of.values.is_approximate();
        // The accuracy of a combination is that of its own dtype. Complex results of real arrays do not count for it.
        let graded = of.form != CallForm::ComplexScalar && is_approximate;
        let graded = self.accuracy_check(of.common).filter(|_| graded);
        let cases = self.checks.find(Property::Value, Some(CASES)).filter(|_| is_approximate);
        let mut counts = ValueCounts {
            accuracy: graded.map_or_else(AccuracyTally::closed, |check| std::mem::take(&mut ledger.at(check, cell).accuracy)),
            classes: ledger.at(check, cell).classes,
        };
        for run in 0..of.runs {
            let mut found = self.judge_run(of, run, &mut counts);
            // The stream of a special case counts that one itself.
            for (rule, failure) in std::mem::take(&mut found.cases).into_iter().filter(|(rule, _)| of.at.id.special() != Some(*rule)) {
                if let Some(check) = self.special_check(rule) {
                    ledger.broken(check, cell).fail(failure);
                }
            }
            // An empty result says nothing about values. Neither does a result of which the standard leaves all elements open.
            if !found.judged {
                continue;
            }
            ledger.at(check, cell).settle(found.wrong);
            if let Some(cases) = cases.filter(|_| found.broken.is_some() || of.meets_case(run)) {
                ledger.at(cases, cell).settle(found.broken);
            }
            if let Some(graded) = graded {
                ledger.at(graded, cell).settle(found.inaccurate);
            }
        }
        ledger.at(check, cell).classes = counts.classes;
        if let Some(graded) = graded {
            ledger.at(graded, cell).accuracy = counts.accuracy;
        }
    }

    /// Judges the elements of one run.
    fn judge_run(&self, of: &Elements<'_>, run: usize, counts: &mut ValueCounts) -> RunFindings {
        let mut found = RunFindings::default();
        let mut modes = Modes::ALL;
        for (i, element) in of.of_run(run).take(of.fresh()).enumerate() {
            let (args, got) = (of.pairing.arguments(element), of.result.get(element));
            let judgement = of.values.judge(&args, got, &mut counts.accuracy);
            found.judged |= judgement != Judgement::Unjudged;
            let want = || self.kernel.eval(of.common, &args).value.unwrap_or(Element::F64(f64::NAN)).cast(of.result.dtype);
            // Only the first wrong elements of a run are classified.
            let mut note = |failure: &mut Option<Failure>, expected: String| {
                let failure = failure.get_or_insert_with(|| of.failure(run, i, got, expected, Cause::WrongValue));
                found.classified += 1;
                if found.classified <= kind::CLASSIFIED {
                    failure.kinds.extend(self.kinds(of.common, &args, got, of.result.dtype));
                }
            };
            match judgement {
                Judgement::Right | Judgement::Unjudged => {}
                Judgement::Flushed => counts.classes.flushed += 1,
                Judgement::Alternative => counts.classes.alternative += 1,
                Judgement::Inaccurate(error) => {
                    let failure = found.inaccurate.get_or_insert_with(|| {
                        let expected = within_limit(want(), of.values.limit(), error);
                        of.failure(run, i, got, expected, Cause::Inaccurate)
                    });
                    failure.kinds.insert(kind::of_error(error, of.result.dtype));
                }
                Judgement::Rounded(own) => {
                    modes = modes.and(own);
                    note(&mut found.rounded, want().to_string());
                }
                Judgement::Wrong(expected) => note(&mut found.wrong, expected),
                Judgement::CaseBroken(_, expected) if self.function.operator.is_some() => {
                    note(if of.values.is_approximate() { &mut found.broken } else { &mut found.wrong }, expected);
                }
                Judgement::CaseBroken(rule, expected) => {
                    let mut of_case = None;
                    note(&mut of_case, expected);
                    found.cases.extend(of_case.map(|failure| (rule, failure)));
                }
            }
        }
        if found.rounded.is_some() {
            match of.rounding_modes(run, modes).is_empty() {
                true => found.wrong = found.wrong.or(found.rounded.take()),
                false => counts.classes.alternative += 1,
            }
        }
        found
    }

    /// How a wrong element differs from the oracle's.
    fn kinds(&self, common: DType, args: &[Element], got: Element, dtype: DType) -> Kinds {
        self.kernel.eval(common, args).value.map_or_else(Kinds::new, |want| kind::of_element(want.cast(dtype), got))
    }

    /// Judges the elements that a special case is about, in the stream of that case.
    fn judge_special(&self, rule: usize, of: &Elements<'_>, tally: &mut Ledger) {
        let Some(check) = self.special_check(rule) else { return };
        let (rule, tally) = (&self.function.rules[rule], tally.at(check, of.at.cell));
        for run in 0..of.runs {
            let mut wrong: Option<Failure> = None;
            let (mut judged, mut classified) = (false, 0);
            for (i, element) in of.of_run(run).enumerate() {
                if of.at.targets.get(element) == Some(&false) {
                    continue;
                }
                let (args, got) = (of.pairing.arguments(element), of.result.get(element));
                match of.values.judge_special(rule, &args, got).or_else(|| of.judge_symmetry(rule, run, &args, got)) {
                    None => continue,
                    Some(Judgement::Wrong(_)) if self.function.leaves_open(of.common, &args) => continue,
                    // A symmetry is broken only if the library is right at the mapped argument.
                    Some(Judgement::Wrong(_)) if of.mapped_is_wrong(rule, run, &args) => continue,
                    Some(Judgement::Flushed) => tally.classes.flushed += 1,
                    Some(Judgement::Alternative) => tally.classes.alternative += 1,
                    Some(Judgement::Wrong(expected)) => {
                        let wrong = wrong.get_or_insert_with(|| of.failure(run, i, got, expected, Cause::WrongValue));
                        classified += 1;
                        if classified <= kind::CLASSIFIED {
                            wrong.kinds.extend(self.kinds(of.common, &args, got, of.result.dtype));
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
}

/// The elements of the results of all runs of a block, and what judges them.
struct Elements<'e> {
    at: &'e Place<'e>,
    /// The dtype to which the operands are promoted.
    common: DType,
    form: CallForm,
    values: ValueJudge<'e>,
    pairing: Pairing<'e>,
    /// The results, stacked along a first axis if there are several runs.
    result: &'e Array,
    runs: usize,
}

/// What is counted over all runs of a block.
struct ValueCounts {
    accuracy: AccuracyTally,
    classes: Classes,
}

/// What the elements of one run show.
#[derive(Default)]
struct RunFindings {
    /// Whether some element was judged.
    judged: bool,
    /// The number of wrong elements so far.
    classified: usize,
    /// The first wrong element.
    wrong: Option<Failure>,
    /// The first element whose error is above the limit of the accuracy profile.
    inaccurate: Option<Failure>,
    /// The first element that is correctly rounded in another mode than the default one.
    rounded: Option<Failure>,
    /// For an operator whose value is an approximation: the first element that breaks a special case.
    broken: Option<Failure>,
    /// For other functions: the elements that break a special case, with the index of its rule.
    cases: Vec<(usize, Failure)>,
}

impl Elements<'_> {
    /// The flat indices of the elements of one run.
    fn of_run(&self, run: usize) -> Range<usize> {
        let each = self.result.len() / self.runs;
        run * each..(run + 1) * each
    }

    /// A deviation of the element at flat index `i` of one run.
    fn failure(&self, run: usize, i: usize, got: Element, expected: String, cause: Cause) -> Failure {
        let mismatch = Mismatch::new(cause, expected, got.to_string(), Kinds::new());
        Failure { element: Some(i), ..Failure::new(self.at.id.after(run as u64), Verdict::Fail, mismatch) }
    }

    /// The number of elements of a run that have to be judged. If arguments and result of a long call repeat, the first of them stand for
    /// all.
    fn fresh(&self) -> usize {
        let repeats = self.runs == 1 && self.result.len() > 2 * PERIOD && self.result.repeats(PERIOD) && self.pairing.repeats(PERIOD);
        if repeats { PERIOD } else { usize::MAX }
    }

    /// Those of `modes` in which all elements of one run are correctly rounded, including the elements that the default mode explains.
    fn rounding_modes(&self, run: usize, modes: Modes) -> Modes {
        let of_element = |element| self.values.rounding_modes(&self.pairing.arguments(element), self.result.get(element));
        self.of_run(run).filter_map(of_element).fold(modes, Modes::and)
    }

    /// Whether a special case is about some element of one run.
    fn meets_case(&self, run: usize) -> bool {
        self.of_run(run).any(|element| self.values.is_in_some_case(&self.pairing.arguments(element)))
    }

    /// For a symmetry: the element of the run whose arguments are the mapped ones.
    fn mapped(&self, map: SymmetryMap, run: usize, args: &[Element]) -> Option<usize> {
        let mapped = |other: &[Element]| other.iter().zip(args).all(|(a, b)| a.same_bits(map.argument(*b)));
        self.of_run(run).find(|j| mapped(&self.pairing.arguments(*j)))
    }

    /// For a symmetry: whether no element of the run is right at the mapped argument.
    fn mapped_is_wrong(&self, rule: &Rule, run: usize, args: &[Element]) -> bool {
        let RuleBody::Symmetry(map) = rule.body else { return false };
        let mapped = self.mapped(map, run, args);
        mapped.is_none_or(|j| self.values.breaks_some_case(&self.pairing.arguments(j), self.result.get(j)))
    }

    /// Judges a result by a symmetry and by the result for the mapped argument, where no special case states either of them.
    fn judge_symmetry(&self, rule: &Rule, run: usize, args: &[Element], got: Element) -> Option<Judgement> {
        let RuleBody::Symmetry(map) = rule.body else { return None };
        let mapped = self.mapped(map, run, args)?;
        self.values.judge_symmetry(map, args, got, self.result.get(mapped))
    }
}

/// The text for an element that lies too far from the right one.
fn within_limit(want: Element, limit: Option<f64>, error: f64) -> String {
    // There is no error to measure at an infinity.
    let (re, im) = want.components();
    match re.is_finite() && im.is_finite() {
        true => format!("{want} within {} ULP (the error is {error:.3e})", limit.unwrap_or_default()),
        false => want.to_string(),
    }
}

/// The array that a value is, if it is one. A scalar object with an array's attributes counts as an array; the header of the results names
/// its type.
fn array_of(value: &Value) -> Option<&Array> {
    match value {
        Value::Array(array) | Value::ArrayScalar { array, .. } => Some(array),
        _ => None,
    }
}

/// Judges whether the inputs came back unchanged.
pub(super) fn judge_purity<'c>(id: CaseId, before: impl Iterator<Item = &'c Array>, inputs: &[Value], tally: &mut Tally) {
    if inputs.is_empty() {
        return;
    }
    let changed = before.zip(inputs).find_map(|(before, after)| match after {
        Value::Array(after) | Value::ArrayScalar { array: after, .. } if is_unchanged(before, after) => None,
        other => Some((before, other)),
    });
    let mismatch = |(before, after): (&Array, &Value)| {
        Mismatch::new(Cause::MutatedInput, format!("the input as it was: {before}"), after.to_string(), Kinds::new())
    };
    tally.settle(changed.map(|changed| Failure::new(id, Verdict::Fail, mismatch(changed))));
}

/// Whether an input did not change. A function that moves elements may have made its layout. Like every function, it may change payloads
/// and signs of NaN, and take subnormal numbers as zero.
fn is_unchanged(before: &Array, after: &Array) -> bool {
    let alike = |(before, after): (Element, Element)| agree(before, after, false) || agree(flush(before), after, false);
    before == after
        || before.dtype.is_floating()
            && (before.dtype, &before.shape) == (after.dtype, &after.shape)
            && before.elements().zip(after.elements()).all(alike)
}

/// The values that came back, or the reason why there are none.
pub(super) fn result_of<'o>(
    capabilities: &BTreeMap<String, bool>,
    program: &Program,
    observed: &'o Observed,
) -> Result<&'o [Value], NoResult> {
    let fault =
        |cause, verdict, got: String| Err(NoResult::Fault(verdict, Mismatch::new(cause, "a result", got, kind::of_fault(observed))));
    // A failure in a step that prepares an operand says nothing about the function under test.
    let subject = |step: Option<u32>, cause, verdict, got: String| match step {
        // No step failed. The fault lies between harness and library, and says nothing about the call.
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
        // Joined outcomes were taken apart before, or are judged together.
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

/// Judges a call that may give anything or raise: only a process that ends or blocks is a deviation.
pub fn survives(id: CaseId, observed: &Observed, tally: &mut Tally) {
    tally.due = true;
    match result_of(&BTreeMap::new(), &Program::default(), observed) {
        Ok(_) | Err(NoResult::Fault(Verdict::Pass | Verdict::Fail | Verdict::Missing, _)) => tally.pass(),
        Err(why) => tally.without_values(id, why.of_other_calls("a result or an exception")),
    }
}

/// Whether a step only prepares the call.
fn is_prepare(program: &Program, step: u32) -> bool {
    program.steps.get(step as usize).is_some_and(|s| s.role == Role::Prepare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Operand, Sort};

    /// The failures of the values of `negative`, for a vector that repeats a pattern.
    fn failures(length: usize, change: impl Fn(usize, f64) -> f64) -> u64 {
        let (spec, losses, capabilities) = (Spec::embedded(), Losses::default(), BTreeMap::new());
        let function = spec.function("elementwise", "negative").expect("it is in the spec");
        let kernel = array_assay_oracle::kernel("negative").expect("it has a kernel");
        let judge = FunctionJudge::new(spec, function, kernel, &capabilities, &losses);
        let array = |of: &dyn Fn(usize) -> f64| {
            Value::Array(Array::from_elements(DType::Float64, vec![length], (0..length).map(|i| Element::F64(of(i)))))
        };
        let number = |i: usize| (i % PERIOD) as f64 + 0.5;
        let Value::Array(argument) = array(&number) else { panic!("it is an array") };
        let case = Call::of_operands(function, [Operand::array(argument)]);
        let result = array(&|i| change(i, -number(i)));
        let at = Place { id: Sort::Plain.nth(0), cell: 0, targets: &[] };
        let mut tally = Ledger::default();
        let observed = Observed::Outcome(Outcome::Values(vec![result]));
        judge.judge(&at, &case, &case.program(function), &observed, &mut tally);
        tally.at(judge.value_check(CallForm::Arrays, DType::Float64).expect("it has values"), 0).failures
    }

    #[test]
    fn one_wrong_element_of_a_long_result_is_found_wherever_it_is() {
        assert_eq!(failures(1025, |_, v| v), 0);
        for wrong in [0, PERIOD - 1, PERIOD, 999, 1024] {
            assert_eq!(failures(1025, |i, v| if i == wrong { -v } else { v }), 1, "element {wrong}");
        }
        // Wrong in every repetition.
        assert_eq!(failures(1025, |i, v| if i % PERIOD == 3 { -v } else { v }), 1);
    }
}
