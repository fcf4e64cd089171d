//! Batches as bytes, written by hand: the same bytes as serde's, in a tenth of the time. A test compares them.

use rmp::encode::{write_array_len, write_bin, write_map_len, write_nil, write_sint, write_str, write_uint};

use crate::{Arg, Array, FrameError, Program, Role, Scalar, Step};

/// A buffer never fails to take bytes.
type Written = Result<(), rmp::encode::ValueWriteError>;

/// The bytes of a [`crate::HostFrame::Batch`], the length in front, made from programs that stay where they are.
pub fn encode_batch(id: u64, programs: &[Program]) -> Result<Vec<u8>, FrameError> {
    let mut out = Vec::with_capacity(4 + 256 * programs.len());
    out.extend([0u8; 4]);
    batch(&mut out, id, programs).map_err(|e| FrameError::Malformed { length: out.len(), why: e.to_string() })?;
    let length = u32::try_from(out.len() - 4).map_err(|_| FrameError::TooLong(u32::MAX))?;
    out[..4].copy_from_slice(&length.to_le_bytes());
    Ok(out)
}

fn batch(out: &mut Vec<u8>, id: u64, programs: &[Program]) -> Written {
    write_map_len(out, 1)?;
    write_str(out, "batch")?;
    write_map_len(out, 2)?;
    write_str(out, "id")?;
    write_uint(out, id)?;
    write_str(out, "programs")?;
    list(out, programs, program)
}

fn list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T) -> Written) -> Written {
    write_array_len(out, items.len() as u32)?;
    items.iter().try_for_each(|item| write(out, item))
}

fn program(out: &mut Vec<u8>, program: &Program) -> Written {
    write_map_len(out, 3)?;
    write_str(out, "inputs")?;
    list(out, &program.inputs, array)?;
    write_str(out, "steps")?;
    list(out, &program.steps, step)?;
    write_str(out, "returns")?;
    list(out, &program.returns, |out, register| write_uint(out, (*register).into()).map(drop))
}

fn array(out: &mut Vec<u8>, array: &Array) -> Written {
    write_map_len(out, 3)?;
    write_str(out, "dtype")?;
    write_str(out, array.dtype.name())?;
    write_str(out, "shape")?;
    list(out, &array.shape, |out, n| write_uint(out, *n as u64).map(drop))?;
    write_str(out, "data")?;
    write_bin(out, &array.data)
}

fn step(out: &mut Vec<u8>, step: &Step) -> Written {
    let prepares = step.role == Role::Prepare;
    let fields = 1 + u32::from(!step.args.is_empty()) + u32::from(!step.kwargs.is_empty()) + u32::from(prepares);
    write_map_len(out, fields)?;
    write_str(out, "function")?;
    write_str(out, &step.function)?;
    if !step.args.is_empty() {
        write_str(out, "args")?;
        list(out, &step.args, arg)?;
    }
    if !step.kwargs.is_empty() {
        write_str(out, "kwargs")?;
        list(out, &step.kwargs, |out, (name, value)| {
            write_array_len(out, 2)?;
            write_str(out, name)?;
            arg(out, value)
        })?;
    }
    if prepares {
        write_str(out, "role")?;
        write_str(out, "prepare")?;
    }
    Ok(())
}

fn arg(out: &mut Vec<u8>, value: &Arg) -> Written {
    let variant = |out: &mut Vec<u8>, name: &str| -> Written {
        write_map_len(out, 1)?;
        write_str(out, name)
    };
    match value {
        Arg::Register(register) => {
            variant(out, "register")?;
            write_uint(out, (*register).into()).map(drop)
        }
        Arg::Scalar(value) => {
            variant(out, "scalar")?;
            scalar(out, value)
        }
        Arg::Str(text) => {
            variant(out, "str")?;
            write_str(out, text)
        }
        Arg::Dtype(dtype) => {
            variant(out, "dtype")?;
            write_str(out, dtype.name())
        }
        Arg::Device(name) => {
            variant(out, "device")?;
            write_str(out, name)
        }
        Arg::Slice(slice) => {
            variant(out, "slice")?;
            write_map_len(out, 3)?;
            for (name, part) in [("start", slice.start), ("stop", slice.stop), ("step", slice.step)] {
                write_str(out, name)?;
                match part {
                    Some(v) => write_sint(out, v).map(drop)?,
                    None => write_nil(out).map_err(rmp::encode::ValueWriteError::InvalidMarkerWrite)?,
                }
            }
            Ok(())
        }
        Arg::None => write_str(out, "none"),
        Arg::Ellipsis => write_str(out, "ellipsis"),
        Arg::Tuple(items) => {
            variant(out, "tuple")?;
            list(out, items, arg)
        }
        Arg::List(items) => {
            variant(out, "list")?;
            list(out, items, arg)
        }
    }
}

fn scalar(out: &mut Vec<u8>, value: &Scalar) -> Written {
    // Scalars are rare and their text forms stand in one place: serde writes them.
    let bytes = rmp_serde::to_vec_named(value).unwrap_or_default();
    out.extend(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DType, Element, HostFrame, Slice, encode_frame};

    #[test]
    fn the_bytes_are_those_of_serde() {
        let int = |v| Arg::Scalar(Scalar::Int(v));
        let args = vec![
            Arg::Register(0),
            int(-3),
            Arg::Scalar(Scalar::Float(f64::NAN)),
            Arg::Scalar(Scalar::Complex((1.5, -0.0))),
            Arg::Scalar(Scalar::Bool(true)),
            Arg::Str("x".into()),
            Arg::Dtype(DType::Complex64),
            Arg::Device("cpu".into()),
            Arg::Slice(Slice { start: Some(-200), stop: None, step: Some(1) }),
            Arg::None,
            Arg::Ellipsis,
            Arg::Tuple((0..20).map(int).collect()),
            Arg::List(vec![]),
        ];
        let program = Program {
            inputs: vec![
                Array::from_elements(DType::Int16, vec![300], (0..300).map(Element::Int)),
                Array::from_elements(DType::Float64, vec![], [Element::F64(1.0)]),
            ],
            steps: vec![
                Step { function: "operator.getitem".into(), args, kwargs: vec![], role: Role::Prepare },
                Step { function: "f".into(), args: vec![], kwargs: vec![("min".into(), Arg::None)], role: Role::Subject },
            ],
            returns: vec![0, 130, 70_000],
        };
        for programs in [vec![], vec![program.clone()], vec![program; 40]] {
            for id in [0, 200, u64::MAX] {
                let by_hand = encode_batch(id, &programs).unwrap();
                assert_eq!(by_hand, encode_frame(&HostFrame::Batch { id, programs: programs.clone() }).unwrap());
            }
        }
    }
}
