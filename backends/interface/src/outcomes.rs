//! Reads frames of outcomes in their usual form by hand, in a tenth of serde's time. serde reads what has another form: a single outcome,
//! or the whole frame. A test compares the results.

use rmp::decode::{read_array_len, read_bin_len, read_int, read_str_len};

use crate::{Array, Outcome, Value};

/// Memory is reserved for at most this many items before they are read, because a garbage count must not allocate much.
const ROOM: usize = 1024;

/// The id of the batch, the index of the first outcome, and the outcomes. `None` unless the fields are in the order of the schema.
pub(crate) fn decode(body: &[u8]) -> Option<(u64, u32, Vec<Outcome>)> {
    let mut rest = body.strip_prefix(b"\x81\xa8outcomes\x83\xa2id")?;
    let id = read_int(&mut rest).ok()?;
    skip(&mut rest, b"\xa5first")?;
    let first = read_int(&mut rest).ok()?;
    skip(&mut rest, b"\xa8outcomes")?;
    let count = read_array_len(&mut rest).ok()? as usize;
    let mut outcomes = Vec::with_capacity(count.min(ROOM));
    for _ in 0..count {
        outcomes.push(outcome(&mut rest)?);
    }
    rest.is_empty().then_some((id, first, outcomes))
}

fn outcome(rest: &mut &[u8]) -> Option<Outcome> {
    let mut ahead = *rest;
    if let Some(values) = of_values(&mut ahead) {
        *rest = ahead;
        return Some(values);
    }
    rmp_serde::from_read(rest).ok()
}

fn of_values(rest: &mut &[u8]) -> Option<Outcome> {
    if skip(rest, b"\x81\xa6values").is_some() {
        return values(rest).map(Outcome::Values);
    }
    skip(rest, b"\x81\xa6joined\x82\xa4runs")?;
    let runs = read_int(rest).ok()?;
    skip(rest, b"\xa6values")?;
    Some(Outcome::Joined { runs, values: values(rest)? })
}

fn values(rest: &mut &[u8]) -> Option<Vec<Value>> {
    let count = read_array_len(rest).ok()? as usize;
    let mut values = Vec::with_capacity(count.min(ROOM));
    for _ in 0..count {
        values.push(value(rest)?);
    }
    Some(values)
}

/// Reads an array or a scalar object.
fn value(rest: &mut &[u8]) -> Option<Value> {
    if skip(rest, b"\x81\xa5array").is_some() {
        return array(rest).map(Value::Array);
    }
    skip(rest, b"\x81\xacarray_scalar\x82\xa4type")?;
    let type_name = text(rest)?.to_owned();
    skip(rest, b"\xa5array")?;
    Some(Value::ArrayScalar { type_name, array: array(rest)? })
}

fn array(rest: &mut &[u8]) -> Option<Array> {
    skip(rest, b"\x93")?;
    let dtype = text(rest)?.parse().ok()?;
    let rank = read_array_len(rest).ok()? as usize;
    let mut shape = Vec::with_capacity(rank.min(ROOM));
    for _ in 0..rank {
        shape.push(read_int(rest).ok()?);
    }
    let length = read_bin_len(rest).ok()?;
    let array = Array { dtype, shape, data: take(rest, length)?.to_vec() };
    array.is_consistent().then_some(array)
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = read_str_len(rest).ok()?;
    std::str::from_utf8(take(rest, length)?).ok()
}

fn take<'a>(rest: &mut &'a [u8], length: u32) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length as usize)?;
    *rest = after;
    Some(taken)
}

/// Skips `expected`. `None` if something else comes next.
fn skip(rest: &mut &[u8], expected: &[u8]) -> Option<()> {
    *rest = rest.strip_prefix(expected)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DType, Element, Exception, Scalar, WorkerFrame, decode_worker_frame, encode_frame, read_frame, read_worker_frame};

    fn frame() -> WorkerFrame {
        let array = |shape: Vec<usize>| {
            let count = shape.iter().product::<usize>();
            Array::from_elements(DType::Complex64, shape, (0..count).map(|i| Element::C64(i as f32, f32::NAN)))
        };
        let exception = Exception::new("E", "m");
        let outcomes = vec![
            Outcome::Values(vec![Value::Array(array(vec![]))]),
            Outcome::Values(vec![]),
            Outcome::Raised { exception, step: Some(3), values: vec![Value::Array(array(vec![0, 2]))] },
            Outcome::Values(vec![Value::Array(array(vec![300])), Value::ArrayScalar { type_name: "n".into(), array: array(vec![]) }]),
            Outcome::Values(vec![Value::Array(array(vec![1, 2])), Value::Scalar(Scalar::Int(-7))]),
            Outcome::Missing { name: "f".into(), step: None, values: vec![] },
            Outcome::Values(vec![Value::None, Value::Tuple(vec![Value::Array(array(vec![70_000]))])]),
            Outcome::Joined { runs: 3, values: vec![Value::Array(array(vec![3, 2])), Value::Array(array(vec![3]))] },
            Outcome::Joined { runs: 0, values: vec![Value::None] },
            Outcome::Values((0..20).map(|n| Value::Array(array(vec![n, 1]))).collect()),
        ];
        WorkerFrame::Outcomes { id: u64::MAX, first: 70_000, outcomes }
    }

    #[test]
    fn outcomes_are_read_as_serde_reads_them() {
        let bytes = encode_frame(&frame()).unwrap();
        let by_serde: WorkerFrame = read_frame(&mut bytes.as_slice()).unwrap().unwrap();
        // NaN is not equal to itself, so the representations are compared.
        assert!(decode(&bytes[4..]).is_some(), "nothing of it is left to serde");
        assert_eq!(format!("{:?}", decode_worker_frame(&bytes[4..]).unwrap()), format!("{by_serde:?}"));
        assert_eq!(format!("{by_serde:?}"), format!("{:?}", frame()));
    }

    #[test]
    fn a_broken_frame_is_refused_as_by_serde() {
        let bytes = encode_frame(&frame()).unwrap();
        let refused = |body: &[u8]| {
            let bytes = [&(body.len() as u32).to_le_bytes(), body].concat();
            let both = [read_worker_frame(&mut bytes.as_slice()), read_frame(&mut bytes.as_slice())];
            let [by_hand, by_serde] = both.map(|frame| frame.map(|_| ()).map_err(|error| error.to_string()));
            assert_eq!(by_hand, by_serde);
            by_hand.unwrap_err()
        };
        let body = &bytes[4..];
        assert!(refused(&[body, b"\x00"].concat()).contains("1 bytes follow"));
        for end in [0, 1, 12, 20, 40, 60, 100, body.len() - 1] {
            refused(&body[..end]);
        }
        let array = Array { dtype: DType::Int16, shape: vec![2], data: vec![0; 3] };
        let short = WorkerFrame::Outcomes { id: 0, first: 0, outcomes: vec![Outcome::Values(vec![Value::Array(array)])] };
        assert!(refused(&encode_frame(&short).unwrap()[4..]).contains("carries 3 bytes"));
    }
}
