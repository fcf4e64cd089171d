//! Judges the outcome of one call of a function that is not element-wise: which checks of the function hold.

use std::collections::BTreeMap;

use array_assay_format::{Cause, Level, Property, Verdict};
use array_assay_interface::{Array, Element, Outcome, Program, Scalar, Value};
use array_assay_oracle::call::{Expectation, Given, advance};
use array_assay_spec::checks::{ACCURACY, APPROXIMATE, STRUCTURE, TUPLE, earlier_slug};
use array_assay_spec::{Domain, ElementCondition, Function, Raise};

use super::demand::{Demand, Fact, Is, Number, Where, index_of, of_call, unchanged};
use super::expectation::{self, Findings, Mismatch};
use super::kind::{self, Kinds};
use super::ledger::{Checks, Ledger};
use super::outcome::{judge_purity, result_of};
use super::tally::{Failure, NoResult, Tally};
use crate::elements::{agree, flush, has_subnormal};
use crate::generate::{CallStream, Case, CaseId, Losses};
use crate::observed::Observed;

/// A case, and what was observed when its program ran.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Ran<'r, 'a> {
    pub id: CaseId,
    pub combination: usize,
    pub case: &'r Case<'a>,
    pub program: &'r Program,
    pub observed: &'r Observed,
}

/// Judges outcomes of one function's calls.
pub struct CallJudge<'a> {
    function: &'a Function,
    stream: &'a CallStream<'a>,
    checks: Checks,
    capabilities: &'a BTreeMap<String, bool>,
}

impl<'a> CallJudge<'a> {
    /// The judge of a stream's function. `capabilities` are those that the worker declared.
    pub fn new(stream: &'a CallStream<'a>, capabilities: &'a BTreeMap<String, bool>) -> CallJudge<'a> {
        CallJudge { function: stream.function, stream, checks: Checks::new(stream.function), capabilities }
    }

    /// All checks of the function.
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    /// The cell of a case, in a tally.
    pub fn cell(&self, combination: usize, case: &Case<'_>, tally: &mut Ledger) -> usize {
        tally.cell(self.stream.cell(combination, case))
    }

    /// The check of a property that a case counts for: that of an aspect of the case, or the plain one.
    fn check_of(&self, property: Property, case: &Case<'_>) -> Option<usize> {
        self.check_among(property, case, &case.aspects)
    }

    /// The same if the case fulfils the conditions of these aspects only.
    fn check_among(&self, property: Property, case: &Case<'_>, aspects: &[usize]) -> Option<usize> {
        let slug = |slug: Option<&str>| self.checks.find(property, slug);
        // If the call passes several parameters that came later, the last one counts. The others are also passed without it.
        let mut later = self.function.parameters.iter().filter(|p| p.since.is_some());
        if let Some(later) = later.rfind(|p| case.call.argument(&p.name).is_some()) {
            return slug(Some(&later.name));
        }
        let split = |p: Property| aspects.iter().map(|i| &self.function.aspects[*i]).find(|a| a.properties.contains(&p));
        // The check of a special case replaces that of the value.
        let special = split(Property::Special).filter(|_| property == Property::Value);
        match (special, split(property)) {
            (Some(aspect), _) => self.checks.find(Property::Special, Some(&aspect.slug)),
            (None, Some(aspect)) => slug(Some(&aspect.slug)),
            (None, None) => slug(None),
        }
    }

    /// The check of the value that a case counts for. If a function is exact on some dtypes, its approximations on others have their own
    /// check.
    fn value_check(&self, case: &Case<'_>, aspects: &[usize]) -> Option<usize> {
        let check = self.check_among(Property::Value, case, aspects)?;
        let definition = &self.checks[check];
        let demanded = definition.level == Level::Must && definition.id.property == Property::Value;
        let approximate = self.checks.find(Property::Value, Some(APPROXIMATE));
        Some(approximate.filter(|_| demanded && case.expectation.is_approximate()).unwrap_or(check))
    }

    fn structure_check(&self) -> Option<usize> {
        self.checks.find(Property::Value, Some(STRUCTURE))
    }

    fn accuracy_check(&self) -> Option<usize> {
        self.checks.find(Property::Value, Some(ACCURACY))
    }

    /// The check that records the grades of a case. `None` if the value has a check of its own and is wrong: uninitialised memory says
    /// nothing about accuracy.
    fn graded_check(&self, own: Option<usize>, findings: &Findings) -> Option<usize> {
        if own.is_none_or(|own| self.checks[own].id.slug.is_none()) {
            return self.accuracy_check().or(own);
        }
        let is_wrong = |(property, mismatch): (Property, Option<&Mismatch>)| {
            property == Property::Value && mismatch.is_some_and(|mismatch| mismatch.cause == Cause::WrongValue)
        };
        own.filter(|_| !findings.iter().any(is_wrong))
    }

    /// Whether the type of a case is judged by a clause that asks for a tuple and not for a list.
    fn tells_tuples(&self, case: &Case<'_>) -> bool {
        let split = case.aspects.iter().map(|i| &self.function.aspects[*i]).find(|a| a.properties.contains(&Property::Type));
        split.is_some_and(|aspect| aspect.slug == TUPLE && self.function.result.tuple.is_none())
    }

    /// The check that the call returns, which a case counts for.
    pub fn call_check(&self, case: &Case<'_>) -> Option<usize> {
        self.check_of(Property::Call, case)
    }

    /// Judges the outcome of a case.
    pub fn judge(&self, ran: &Ran<'_, '_>, tally: &mut Ledger) {
        if let Some(why) = ran.case.unusable {
            // The dtype is unusable, which is a deviation already. Failures that follow from it are not counted again.
            let mut alone = Ledger::default();
            self.judge_all(ran, &mut alone);
            if is_excusable(&alone) {
                let cell = self.cell(ran.combination, ran.case, tally);
                if let Some(check) = self.check_of(Property::Call, ran.case) {
                    tally.at(check, cell).excuse(why);
                }
                return;
            }
        }
        self.judge_all(ran, tally);
    }

    /// Judges all properties of a case.
    fn judge_all(&self, ran: &Ran<'_, '_>, tally: &mut Ledger) {
        let Ran { combination, case, program, observed, .. } = *ran;
        let at = InCell { ran: *ran, cell: self.cell(combination, case, tally) };
        let attributes = self.function.result.attributes.len();
        // The call returned a result, but the library could not say on which device the result or the input is.
        let no_device = no_device(case, program, observed).filter(|(values, _)| values.len() == 1 + attributes);
        let result = no_device.as_ref().map_or_else(|| result_of(self.capabilities, program, observed), |(values, _)| Ok(values));
        let values = match result {
            Ok(values) => values,
            Err(why) => return self.settle_without_result(why, &at, tally),
        };
        let is_complete = no_device.is_some() || values.len() == program.returns.len();
        let Some(returned) = Returned::new(values, attributes, case, program).filter(|_| is_complete) else {
            let got = format!("{} values for {} registers", values.len(), program.returns.len());
            let mismatch = Mismatch::new(Cause::Protocol, "a result", got, Kinds::new());
            return self.enter(&at, Property::Call, Verdict::Crash, Some(mismatch), tally);
        };
        self.enter(&at, Property::Call, Verdict::Fail, None, tally);
        case.clauses.iter().for_each(|clause| tally.exercise(*clause, 1));
        let findings = self.findings(case, returned.result, returned.attributes);
        if !findings.hold() {
            // If the container is wrong, its elements are not judged.
            self.mark_due(case, at.cell, tally);
        }
        self.settle_container(&findings, returned.result, &at, tally);
        self.settle_elements(&findings, &returned, &at, tally);
        self.settle_tuple(returned.result, &at, tally);
        let is_array = findings.iter().all(|(property, mismatch)| property != Property::Type || mismatch.is_none());
        match no_device {
            Some((_, mismatch)) if is_array => self.enter(&at, Property::Device, Verdict::Fail, Some(mismatch), tally),
            // Only an array has to say on which device it is.
            Some(_) => {}
            None => {
                if let Some(mismatch) = self.device(case, returned.devices) {
                    self.enter(&at, Property::Device, Verdict::Fail, mismatch, tally);
                }
            }
        }
        self.settle_earlier_dtypes(returned.result, &at, tally);
        if let Some(check) = self.checks.find(Property::Pure, None) {
            judge_purity(ran.id, case.call.preserved(self.function).into_iter(), returned.inputs, tally.at(check, at.cell));
        }
    }

    /// Counts a case for the check of a property, if the function has one.
    fn enter(&self, at: &InCell<'_, '_>, property: Property, verdict: Verdict, mismatch: Option<Mismatch>, tally: &mut Ledger) {
        if let Some(check) = self.check_of(property, at.ran.case) {
            settle(tally.at(check, at.cell), at.ran.id, verdict, mismatch);
        }
    }

    /// Counts a case that gave no result.
    fn settle_without_result(&self, why: NoResult, at: &InCell<'_, '_>, ledger: &mut Ledger) {
        let Ran { id, case, observed, .. } = at.ran;
        let permitted = match &why {
            NoResult::Fault(..) if why.is_raised() && case.refusable => return,
            NoResult::Fault(_, mismatch) => self.permitted(case, mismatch.cause, observed),
            _ => None,
        };
        if let Some(call) = self.check_of(Property::Call, case) {
            let tally = ledger.at(call, at.cell);
            match permitted {
                Some(permitted) => tally.excuse(permitted),
                None => tally.without_values(id, why),
            }
        }
        if permitted.is_none() {
            self.mark_due(case, at.cell, ledger);
        }
    }

    /// Counts a case for the checks of type, dtype and shape.
    fn settle_container(&self, findings: &Findings, returned: &Value, at: &InCell<'_, '_>, tally: &mut Ledger) {
        let is_list = self.tells_tuples(at.ran.case) && matches!(returned, Value::List(_));
        for (property, mismatch) in findings.iter().filter(|(property, _)| *property != Property::Value) {
            let mismatch = match mismatch {
                None if is_list && property == Property::Type => Some(no_tuple_but(returned)),
                mismatch => mismatch.cloned(),
            };
            self.enter(at, property, Verdict::Fail, mismatch, tally);
        }
    }

    /// Counts a case for the checks of its value. If an aspect of the case is about some elements only, these elements and the others are
    /// counted apart.
    fn settle_elements(&self, findings: &Findings, returned: &Returned<'_>, at: &InCell<'_, '_>, tally: &mut Ledger) {
        let case = at.ran.case;
        match self.apart(case, returned.result) {
            None => self.settle_value(findings, at, &case.aspects, tally),
            Some(Apart { aspects, of_condition, others }) => {
                if let Some(value) = of_condition {
                    self.settle_value(&self.findings(case, &value, returned.attributes), at, &case.aspects, tally);
                }
                // The other elements count as if the condition of the aspect were not fulfilled.
                self.settle_value(&self.findings(case, &others, returned.attributes), at, &aspects, tally);
            }
        }
    }

    /// Counts a case for the check that a result is a tuple, if the function has that check.
    fn settle_tuple(&self, returned: &Value, at: &InCell<'_, '_>, tally: &mut Ledger) {
        if let (Some(_), Some(check)) = (self.function.result.tuple, self.checks.find(Property::Type, Some(TUPLE))) {
            let is_tuple = matches!(returned, Value::Tuple(_) | Value::NamedTuple(_));
            settle(tally.at(check, at.cell), at.ran.id, Verdict::Fail, (!is_tuple).then(|| no_tuple_but(returned)));
        }
    }

    /// Counts a case for the checks of the dtypes that earlier revisions ask for.
    fn settle_earlier_dtypes(&self, returned: &Value, at: &InCell<'_, '_>, tally: &mut Ledger) {
        for (until, dtype) in &at.ran.case.earlier {
            let check = self.checks.find(Property::Dtype, Some(&earlier_slug(*until)));
            if let (Some(check), Value::Array(array) | Value::ArrayScalar { array, .. }) = (check, returned) {
                let (expected, got) = (format!("dtype {dtype}"), format!("dtype {}", array.dtype));
                let kinds = kind::one(array.dtype.name());
                let wrong = Mismatch::new(Cause::WrongDtype, expected, got, kinds);
                settle(tally.at(check, at.cell), at.ran.id, Verdict::Fail, (array.dtype != *dtype).then_some(wrong));
            }
        }
    }

    /// Counts a case for the checks of its value: structure, accuracy and the value itself. `aspects` are the aspects whose conditions are
    /// fulfilled.
    fn settle_value(&self, findings: &Findings, at: &InCell<'_, '_>, aspects: &[usize], tally: &mut Ledger) {
        let (Ran { id, case, .. }, cell) = (at.ran, at.cell);
        let value = self.value_check(case, aspects);
        if let Some(check) = self.graded_check(value, findings) {
            findings.grades.iter().for_each(|grade| tally.at(check, cell).grade(grade, case.call.class));
        }
        for (_, mismatch) in findings.iter().filter(|(property, _)| *property == Property::Value) {
            if let Some(structure) = self.structure_check() {
                let broken = mismatch.filter(|mismatch| mismatch.demanded);
                settle(tally.at(structure, cell), id, Verdict::Fail, broken.cloned());
                if broken.is_some() {
                    continue;
                }
            }
            let inaccurate = mismatch.filter(|mismatch| mismatch.cause == Cause::Inaccurate);
            let mut own = mismatch;
            if let Some(accuracy) = self.accuracy_check().filter(|_| mismatch.is_none() || inaccurate.is_some()) {
                settle(tally.at(accuracy, cell), id, Verdict::Fail, inaccurate.cloned());
                own = None;
            }
            if let Some(check) = value {
                settle(tally.at(check, cell), id, Verdict::Fail, own.cloned());
            }
        }
    }

    /// The result taken apart, if an aspect of the case is about some elements only. `None` if there is no such aspect, or if the result is
    /// not an array of the right dtype and shape, or if all elements fulfil the condition.
    fn apart(&self, case: &Case<'_>, returned: &Value) -> Option<Apart> {
        let of_elements = |i: &usize| self.function.aspects[*i].elements == Some(ElementCondition::Nan);
        if !case.aspects.iter().any(of_elements) {
            return None;
        }
        let (Value::Array(got) | Value::ArrayScalar { array: got, .. }) = returned else { return None };
        let Some(Value::Array(want)) = case.expectation.example() else { return None };
        let (x, reduced) = case.call.reduced(self.function)?;
        if got.dtype != want.dtype || got.shape != want.shape {
            return None;
        }
        let marked = with_nan(x, &reduced);
        if marked.len() != got.len() {
            return None;
        }
        let pick = |of: bool| {
            let elements = marked.iter().enumerate().map(|(i, is)| if *is == of { got.get(i) } else { want.get(i) });
            Value::Array(Array::from_elements(got.dtype, got.shape.clone(), elements))
        };
        let aspects = case.aspects.iter().copied().filter(|i| !of_elements(i)).collect();
        (!marked.iter().all(|is| *is)).then(|| Apart {
            aspects,
            of_condition: marked.contains(&true).then(|| pick(true)),
            others: pick(false),
        })
    }

    /// Marks the checks that a case should have counted for, so that a check without any judged case is reported.
    fn mark_due(&self, case: &Case<'_>, cell: usize, tally: &mut Ledger) {
        let mut properties = expectation::properties(&case.expectation);
        properties.insert(Property::Call);
        for check in properties.into_iter().filter_map(|property| self.check_of(property, case)) {
            tally.at(check, cell).due = true;
        }
    }

    /// Why the library may give no result for a call, if it may.
    fn permitted(&self, case: &Case<'a>, cause: Cause, observed: &Observed) -> Option<&'a str> {
        let refused = matches!(cause, Cause::Raised | Cause::MissingName | Cause::MissingKeyword);
        case.excused.filter(|_| refused).or_else(|| match observed {
            Observed::Outcome(Outcome::Raised { exception, .. }) => {
                let mut classes = self.stream.refusals().filter(|class| exception.is(class) == Some(true));
                classes.next().map(|_| "the library refuses it by an exception that the standard permits for any such call")
            }
            _ => None,
        })
    }

    /// What would hold of a program if its case did not deviate from a check. `values` are the returned values, which show what is wrong.
    pub fn demand(&self, check: usize, case: &Case<'_>, program: &Program, values: &[Value], failure: &Failure) -> Option<Demand> {
        let id = &self.checks[check].id;
        let fact = |register: &u32, is: Is| Some(Demand::Fact(Fact { of: Where::of(*register), is }));
        let attributes = self.function.result.attributes.len();
        match (id.property, failure.cause) {
            (Property::Raises, Cause::NotRaised) => Some(Demand::Exception(None)),
            (Property::Raises, Cause::WrongType) => Some(Demand::Exception(Some(failure.expected.clone()))),
            (Property::Copy, Cause::Aliased) => {
                let [Value::Array(input), Value::Array(result)] = values else { return None };
                let before = case.call.arrays().into_iter().next()?;
                // The input changed with its copy, or it did not change although the memory should be shared.
                let want = if self.must_copy(case) { before } else { result };
                let differs = (0..input.len().min(want.len())).find(|i| !want.get(*i).same_bits(input.get(*i)))?;
                let is = Is::Element(index_of(differs, &input.shape), input.dtype, vec![Number::of(want.get(differs), false)]);
                fact(program.returns.first()?, is)
            }
            (Property::Pure, Cause::MutatedInput) => {
                let inputs = case.call.preserved(self.function);
                let before = values.len().checked_sub(inputs.len())?;
                unchanged(inputs.into_iter(), values.get(before..)?, program.returns.get(before..)?)
            }
            (_, Cause::WrongDevice) => {
                let (result, input) = (program.returns.get(1 + attributes)?, program.returns.get(2 + attributes));
                match (self.device_asked(case), input) {
                    (Some(name), _) => fact(result, Is::Device(vec![name])),
                    (None, input) => fact(result, Is::SameAs(*input?)),
                }
            }
            (Property::Type, _) if id.slug.as_deref() == Some(TUPLE) => fact(program.returns.first()?, Is::Tuple),
            (Property::Dtype, Cause::WrongDtype)
                if id.slug.as_ref().is_some_and(|slug| case.earlier.iter().any(|(until, _)| earlier_slug(*until) == *slug)) =>
            {
                let earlier = case.earlier.iter().find(|(until, _)| id.slug.as_ref() == Some(&earlier_slug(*until)));
                fact(program.returns.first()?, Is::OfDtype(earlier?.1))
            }
            (property, Cause::WrongValue | Cause::Inaccurate | Cause::WrongDtype | Cause::WrongShape | Cause::WrongType) => {
                of_call(&case.expectation, program, values, attributes, property, failure.cause)
            }
            _ => Some(Demand::Result),
        }
    }

    /// Whether a call asks for a copy.
    fn must_copy(&self, case: &Case<'_>) -> bool {
        case.call.arguments.iter().any(|(name, given)| {
            let of = self.function.parameters.iter().find(|p| p.name == *name);
            of.is_some_and(|p| matches!(p.domain, Domain::Copy {})) && *given == Given::Scalar(Scalar::Bool(true))
        })
    }

    /// The device that a call asks for by an argument.
    fn device_asked(&self, case: &Case<'_>) -> Option<String> {
        self.function.parameters.iter().find_map(|p| match case.call.argument(&p.name) {
            Some(Given::Device(name)) => Some(name.clone()),
            _ => None,
        })
    }

    /// Judges the outcome of a call that has to raise.
    pub fn judge_raise(&self, ran: &Ran<'_, '_>, raise: &Raise, tally: &mut Ledger) {
        let Ran { id, combination, case, program, observed } = *ran;
        let cell = tally.cell(self.stream.invalid_cell(combination, case));
        let check_of = |slug: &str| self.checks.find(Property::Raises, Some(slug));
        let Some(check) = check_of(&raise.slug) else { return };
        let own = tally.at(check, cell);
        own.due = true;
        match result_of(self.capabilities, program, observed) {
            Ok(values) => {
                let got = values.first().map_or_else(|| "nothing".to_owned(), ToString::to_string);
                let kinds = values.first().map_or_else(Kinds::new, |value| kind::one(kind::of_value(value)));
                own.fail(Failure::new(id, Verdict::Fail, Mismatch::new(Cause::NotRaised, "an exception", got, kinds)));
            }
            Err(NoResult::Fault(_, Mismatch { cause: Cause::Raised, got, .. })) => {
                own.pass();
                if let (Some(class), Observed::Outcome(Outcome::Raised { exception, .. })) = (&raise.class, observed)
                    && let (Some(check), Some(is)) = (check_of(&raise.class_slug()), exception.is(class))
                {
                    let another = || Mismatch::new(Cause::WrongType, class, got, kind::one(exception.type_name.clone()));
                    settle(tally.at(check, cell), id, Verdict::Fail, (!is).then(another));
                }
            }
            Err(why) => own.without_values(id, why.of_other_calls("an exception")),
        }
    }

    /// Judges whether a call copied if and only if it had to. The program overwrites the result and returns the input and the result.
    pub fn judge_copy(&self, ran: &Ran<'_, '_>, tally: &mut Ledger) {
        let Ran { id, combination, case, program, observed } = *ran;
        let cell = self.cell(combination, case, tally);
        let Some(check) = self.checks.find(Property::Copy, None) else { return };
        let tally = tally.at(check, cell);
        tally.due = true;
        let must_copy = self.must_copy(case);
        let (input, result) = match result_of(self.capabilities, program, observed) {
            Ok([Value::Array(input), Value::Array(result)]) => (input, result),
            // Other checks report a result that is not an array.
            Ok(_) => return,
            Err(why) if why.is_raised() && self.permitted(case, Cause::Raised, observed).is_some() => return,
            // A call that must not copy may raise instead.
            Err(why) if why.is_raised() && !must_copy => return tally.pass(),
            Err(why) => {
                let expected = if why.is_raised() { "a copy" } else { "a result" };
                return tally.without_values(id, why.of_other_calls(expected));
            }
        };
        let mut fail = |expected, got, kind| {
            tally.fail(Failure::new(id, Verdict::Fail, Mismatch::new(Cause::Aliased, expected, got, kind::one(kind))));
        };
        let before = case.call.arrays().into_iter().next();
        if must_copy && Some(input) != before {
            let expected = "the input as it was, after the copy was overwritten";
            fail(expected, input.to_string(), "memory is shared");
        } else if !must_copy && input.data != result.data {
            let expected = "the input overwritten with the result, for they share memory";
            fail(expected, format!("{input} beside the result {result}"), "a copy");
        } else {
            tally.pass();
        }
    }

    /// Compares a value with the expectation. A value also counts as right if it is right with subnormal numbers taken as zero, or with the
    /// signs of zeros that are lost on the way out of the library.
    fn findings(&self, case: &Case<'_>, returned: &Value, attributes: &[Value]) -> Findings {
        let findings = expectation::judge(&case.expectation, returned, attributes);
        if findings.hold() {
            return findings;
        }
        let flushed = case.call.flushed().and_then(|call| self.stream.expectation(&call).ok());
        let zeroed = flushed.as_ref().map(|expectation| expectation::judge(expectation, returned, attributes)).filter(Findings::hold);
        let in_part = || {
            let restored = restored(&case.expectation, flushed.as_ref(), returned)?;
            Some(expectation::judge(&case.expectation, &restored, attributes)).filter(Findings::hold)
        };
        let with_signs = || {
            let signed = with_signs_of_zeros(&case.expectation.example()?, returned, &self.stream.profile().losses)?;
            Some(expectation::judge(&case.expectation, &signed, attributes)).filter(Findings::hold)
        };
        zeroed.or_else(in_part).or_else(with_signs).unwrap_or(findings)
    }

    /// The deviation of the result's device, if there is one. The outer `None` says that the device was not observed.
    fn device(&self, case: &Case<'_>, devices: &[Value]) -> Option<Option<Mismatch>> {
        let (result, input) = devices.split_first()?;
        let wanted = self.device_asked(case).map(|name| vec![name]).or_else(|| match input.first() {
            Some(Value::Device(names)) => Some(names.clone()),
            _ => None,
        })?;
        let same = matches!(result, Value::Device(names) if names.iter().any(|name| wanted.contains(name)));
        let mismatch = || Mismatch::new(Cause::WrongDevice, format!("device {}", wanted.join(" = ")), result.to_string(), Kinds::new());
        Some((!same).then(mismatch))
    }
}

/// Whether there are deviations, none of which is a process that died or hung.
fn is_excusable(ledger: &Ledger) -> bool {
    let mut failures = ledger.all().filter_map(|tally| tally.first.as_ref()).peekable();
    failures.peek().is_some() && failures.all(|failure| matches!(failure.verdict, Verdict::Fail | Verdict::Missing))
}

/// A case that was run, and the cell that it counts for.
struct InCell<'r, 'a> {
    ran: Ran<'r, 'a>,
    cell: usize,
}

/// The values that a program returned, by what they are.
struct Returned<'v> {
    result: &'v Value,
    /// The attributes of a result that is an object.
    attributes: &'v [Value],
    /// The device of the result and that of the first input, if they were asked for.
    devices: &'v [Value],
    /// The inputs as they are after the call.
    inputs: &'v [Value],
}

impl<'v> Returned<'v> {
    /// Takes the values of a program apart. `None` if there are none.
    fn new(values: &'v [Value], attributes: usize, case: &Case<'_>, program: &Program) -> Option<Returned<'v>> {
        let (result, observed) = values.split_first()?;
        let devices = if case.call.returns_devices { 1 + usize::from(!program.inputs.is_empty()) } else { 0 };
        let (attributes, rest) = observed.split_at(attributes.min(observed.len()));
        let (devices, inputs) = rest.split_at(devices.min(rest.len()));
        Some(Returned { result, attributes, devices, inputs })
    }
}

/// A result in which only some elements fulfil the condition of an aspect. In each of the two arrays, the elements of the other one are
/// replaced by right ones.
struct Apart {
    /// The other aspects of the case.
    aspects: Vec<usize>,
    /// The elements that fulfil the condition. `None` if there are none.
    of_condition: Option<Value>,
    /// The other elements.
    others: Value,
}

/// For each element of a reduction over some axes, in C order: whether one of the elements that are reduced to it is NaN.
fn with_nan(x: &Array, reduced: &[bool]) -> Vec<bool> {
    let kept: Vec<usize> = x.shape.iter().zip(reduced).map(|(n, reduced)| if *reduced { 1 } else { *n }).collect();
    let mut out = vec![false; kept.iter().product()];
    let mut index = vec![0; x.shape.len()];
    for element in x.elements() {
        let (re, im) = element.components();
        let place = index.iter().zip(&kept).fold(0, |place, (i, n)| place * n + i.min(&(n - 1)));
        out[place] |= re.is_nan() || im.is_nan();
        advance(&mut index, &x.shape);
    }
    out
}

/// The values of a program in which only the question for a device failed, and the deviation that this is.
fn no_device<'o>(case: &Case<'_>, program: &Program, observed: &'o Observed) -> Option<(&'o [Value], Mismatch)> {
    let Observed::Outcome(outcome) = observed else { return None };
    let (values, step, cause, got) = match outcome {
        Outcome::Missing { name, step, values } => (values, *step, Cause::MissingName, format!("the library has no `{name}`")),
        Outcome::Raised { exception, step, values } => {
            (values, *step, Cause::Raised, format!("{}: {}", exception.type_name, exception.message))
        }
        _ => return None,
    };
    let asks = program.steps.get(step? as usize).is_some_and(|step| step.function == "attribute.device");
    (case.call.returns_devices && asks).then(|| (values.as_slice(), Mismatch::new(cause, "a device", got, kind::of_fault(observed))))
}

/// The deviation of a value that is not a tuple.
fn no_tuple_but(returned: &Value) -> Mismatch {
    Mismatch::new(Cause::WrongType, "a tuple", returned.to_string(), kind::one(kind::of_value(returned)))
}

/// Counts a case that holds, or that deviates as the mismatch says.
fn settle(tally: &mut Tally, id: CaseId, verdict: Verdict, mismatch: Option<Mismatch>) {
    tally.settle(mismatch.map(|mismatch| Failure::new(id, verdict, mismatch)));
}

/// A result in which every element that was flushed to zero, or computed from flushed elements, is replaced by the expected one. `None` if
/// there are no such elements. Some libraries flush when they compute and not when they copy.
fn restored(expectation: &Expectation, flushed: Option<&Expectation>, returned: &Value) -> Option<Value> {
    let example = |expectation: &Expectation| match expectation.example() {
        Some(Value::Array(array)) => Some(array),
        _ => None,
    };
    let Value::Array(got) = returned else { return None };
    let alike = |array: &Array| array.dtype == got.dtype && array.shape == got.shape && got.dtype.is_floating();
    let want = example(expectation).filter(alike)?;
    let flushed = flushed.and_then(example).filter(alike);
    let elements: Vec<Element> = (0..got.len())
        .map(|i| {
            let (got, want) = (got.get(i), want.get(i));
            let as_zero = has_subnormal(want) && agree(flush(want), got, true);
            let of_zeros =
                flushed.as_ref().map(|array| array.get(i)).is_some_and(|zeroed| !zeroed.same_bits(want) && agree(zeroed, got, true));
            if as_zero || of_zeros { want } else { got }
        })
        .collect();
    let restored = Array::from_elements(got.dtype, got.shape.clone(), elements);
    (restored.data != got.data).then_some(Value::Array(restored))
}

/// A result whose zeros get the expected signs, if the signs of zeros are lost on the way out of the library. `None` if they are not lost.
fn with_signs_of_zeros(wanted: &Value, returned: &Value, losses: &Losses) -> Option<Value> {
    let sign = |wanted: f64, got: f64| if wanted == 0.0 && got == 0.0 { wanted } else { got };
    let signed = |want: Element, got: Element| {
        let ((a, b), (c, d)) = (want.components(), got.components());
        match got {
            Element::F32(0.0) => Element::F32(sign(a, c) as f32),
            Element::F64(0.0) => Element::F64(sign(a, c)),
            Element::C64(re, im) if re == 0.0 || im == 0.0 => Element::C64(sign(a, c) as f32, sign(b, d) as f32),
            Element::C128(re, im) if re == 0.0 || im == 0.0 => Element::C128(sign(a, c), sign(b, d)),
            other => other,
        }
    };
    let each = |wanted: &[Value], got: &[Value]| -> Vec<Value> {
        let pairs = wanted.iter().zip(got);
        pairs.map(|(wanted, got)| with_signs_of_zeros(wanted, got, losses).unwrap_or_else(|| got.clone())).collect()
    };
    match (wanted, returned) {
        (Value::Array(want), Value::Array(got)) if losses.loses_sign_of_zero(got.dtype) && want.shape == got.shape => {
            let elements = want.elements().zip(got.elements()).map(|(want, got)| signed(want, got));
            Some(Value::Array(Array::from_elements(got.dtype, got.shape.clone(), elements)))
        }
        (Value::Tuple(want) | Value::List(want), Value::Tuple(got)) if want.len() == got.len() => Some(Value::Tuple(each(want, got))),
        (Value::Tuple(want) | Value::List(want), Value::List(got)) if want.len() == got.len() => Some(Value::List(each(want, got))),
        (Value::NamedTuple(want), Value::NamedTuple(got)) if want.len() == got.len() => {
            let values = |fields: &[(String, Value)]| fields.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>();
            let names = got.iter().map(|(name, _)| name.clone());
            Some(Value::NamedTuple(names.zip(each(&values(want), &values(got))).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
