//! Judges a call on many elements, whose result is known without an oracle.

use std::collections::BTreeMap;

use array_assay_format::{Cause, Verdict};
use array_assay_interface::{Element, Program, Value};

use super::demand::{Demand, Fact, Is, Where, index_of};
use super::expectation::Mismatch;
use super::kind;
use super::outcome::result_of;
use super::tally::{Failure, Tally};
use crate::generate::CaseId;
use crate::observed::Observed;

/// Counts an outcome. `gives` has the elements of the result in C order. `within` says how far one may be off: a share of what it should be,
/// or a number if that is below one. Returns what a script can ask of the result, if it is wrong.
pub fn judge_large(id: CaseId, program: &Program, observed: &Observed, gives: &[f64], within: f64, tally: &mut Tally) -> Demand {
    tally.due = true;
    let values = match result_of(&BTreeMap::new(), program, observed) {
        Ok(values) => values,
        Err(why) => {
            tally.without_values(id, why);
            return Demand::Result;
        }
    };
    let mut fail = |cause, expected: String, got: String, kinds| {
        tally.fail(Failure::new(id, Verdict::Fail, Mismatch::new(cause, expected, got, kinds)));
    };
    let array = match values {
        [Value::Array(array) | Value::ArrayScalar { array, .. }] if array.len() == gives.len() => array,
        _ => {
            let got = values.first().map_or("nothing".to_owned(), ToString::to_string);
            let kinds = kind::one(values.first().map_or_else(|| "nothing".into(), kind::of_value));
            fail(Cause::WrongShape, format!("{} elements", gives.len()), got, kinds);
            return Demand::Result;
        }
    };
    let bound = |want: f64| within * want.abs().max(1.0);
    let is_off = |(got, want): (Element, &f64)| (got.components().0 - want).abs() > bound(*want) || got.components().0.is_nan();
    let Some(at) = array.elements().zip(gives).position(is_off) else {
        tally.pass();
        return Demand::Result;
    };
    let (got, want) = (array.get(at), gives[at]);
    fail(Cause::WrongValue, want.to_string(), got.to_string(), kind::of_element(Element::F64(want), got));
    let condition = format!("abs(result - {want:?}) <= {:?}", bound(want));
    let is = Is::Holds { at: index_of(at, &array.shape), condition, operands: Vec::new() };
    let register = program.returns.first().copied().unwrap_or_default();
    Demand::Fact(Fact { of: Where { register, parts: Vec::new() }, is })
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{Array, DType, Outcome};

    use super::*;
    use crate::generate::Sort;

    #[test]
    fn an_element_may_be_off_by_the_share_that_the_call_names() {
        let judged = |got: f64, within: f64| {
            let value = Value::Array(Array::from_elements(DType::Float64, vec![2], [Element::F64(1.0), Element::F64(got)]));
            let mut tally = Tally::default();
            let outcome = Observed::Outcome(Outcome::Values(vec![value]));
            judge_large(Sort::Large.nth(3), &Program::default(), &outcome, &[1.0, 1000.0], within, &mut tally);
            tally.first.map(|failure| (failure.expected, failure.got))
        };
        assert_eq!(judged(1000.0, 0.0), None);
        assert_eq!(judged(1000.5, 1e-3), None);
        assert_eq!(judged(1000.5, 0.0), Some(("1000".to_owned(), "1000.5".to_owned())));
        assert!(judged(1002.0, 1e-3).is_some() && judged(f64::NAN, 1e-3).is_some());
        let of_zero = |got: f64| {
            let value = Value::Array(Array::from_elements(DType::Float64, vec![], [Element::F64(got)]));
            let mut tally = Tally::default();
            judge_large(
                Sort::Large.nth(0),
                &Program::default(),
                &Observed::Outcome(Outcome::Values(vec![value])),
                &[0.0],
                1e-6,
                &mut tally,
            );
            tally.failures
        };
        assert_eq!((of_zero(1e-15), of_zero(1e-3)), (0, 1), "a share of zero would allow nothing");
    }
}
