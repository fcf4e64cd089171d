//! Batches on the wire. The common part of many programs (their plan) and the bytes of all inputs are stored apart from the programs.

use std::collections::HashMap;
use std::fmt;

use rmp::encode::{write_array_len, write_bin, write_map_len, write_nil, write_sint, write_str, write_uint};
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::{SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::{Arg, Array, Block, DType, FrameError, Program, Register, Role, Scalar, Step};

/// The bytes of an input begin at a multiple of this, so that a worker can use them in place.
const ALIGNMENT: usize = 16;

/// The greatest number of programs in a batch. Arrays without elements can claim any number of runs, and each run becomes a program.
const MOST_PROGRAMS: usize = 1 << 16;

/// The bytes of a [`crate::HostFrame::Batch`] with their length in front, made from borrowed blocks. They are written by hand, which gives
/// the same bytes as serde in half of the time.
pub fn encode_batch(id: u64, blocks: &[Block]) -> Result<Vec<u8>, FrameError> {
    let batch = BatchOut::new(id, blocks.iter().map(|block| (&block.program, block.runs)));
    let mut out = Vec::with_capacity(batch.data.len() + 256 * batch.plans.len() + 64 * blocks.len() + 64);
    out.extend([0u8; 4]);
    write_batch(&mut out, &batch).map_err(|e| FrameError::Malformed { length: out.len(), why: e.to_string() })?;
    let length = u32::try_from(out.len() - 4).map_err(|_| FrameError::TooLong(u32::MAX))?;
    out[..4].copy_from_slice(&length.to_le_bytes());
    Ok(out)
}

pub(crate) fn serialize<S: Serializer>(id: &u64, programs: &[Program], serializer: S) -> Result<S::Ok, S::Error> {
    BatchOut::new(*id, programs.iter().map(|program| (program, 1))).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(u64, Vec<Program>), D::Error> {
    let batch = BatchIn::deserialize(deserializer)?;
    let programs = batch.programs().map_err(D::Error::custom)?;
    Ok((batch.id, programs))
}

// ---------------------------------------------------------------------------------------------------------------------
// Out

#[derive(Serialize)]
struct BatchOut<'a> {
    id: u64,
    plans: Vec<ByteBuf>,
    programs: Vec<BlockOut<'a>>,
    data: ByteBuf,
}

/// A block: `[plan, inputs]`, or `[plan, inputs, runs]` if it has several runs.
struct BlockOut<'a> {
    plan: u32,
    inputs: InputsOut<'a>,
    runs: usize,
}

impl<'a> BatchOut<'a> {
    fn new(id: u64, blocks: impl Iterator<Item = (&'a Program, usize)> + Clone) -> BatchOut<'a> {
        let (mut plans, mut indices) = (Vec::new(), HashMap::new());
        let mut plan_of = |program: &Program| {
            let mut bytes = Vec::with_capacity(256);
            write_plan(&mut bytes, program).expect("a buffer takes all bytes");
            *indices.entry(ByteBuf::from(bytes)).or_insert_with_key(|bytes| {
                plans.push(bytes.clone());
                plans.len() as u32 - 1
            })
        };
        let mut data = Vec::with_capacity(blocks.clone().flat_map(|(p, _)| &p.inputs).map(|input| aligned(input.data.len())).sum());
        let mut out: Vec<BlockOut> = Vec::with_capacity(blocks.size_hint().0);
        let mut last: Option<(&Program, u32)> = None;
        for (program, runs) in blocks {
            // Most programs have the plan of the program before.
            let plan = last.filter(|(before, _)| share_a_plan(before, program)).map_or_else(|| plan_of(program), |(_, plan)| plan);
            last = Some((program, plan));
            out.push(BlockOut { plan, inputs: InputsOut { arrays: &program.inputs, offset: data.len() }, runs });
            for input in &program.inputs {
                data.extend_from_slice(&input.data);
                data.resize(aligned(data.len()), 0);
            }
        }
        BatchOut { id, plans, programs: out, data: ByteBuf::from(data) }
    }
}

fn aligned(offset: usize) -> usize {
    offset.next_multiple_of(ALIGNMENT)
}

/// The inputs of a program. Each is `[dtype, shape, offset]`.
struct InputsOut<'a> {
    arrays: &'a [Array],
    /// The offset of the first input's bytes.
    offset: usize,
}

impl<'a> InputsOut<'a> {
    fn iter(&self) -> impl Iterator<Item = (DType, &'a [usize], usize)> {
        let mut next = self.offset;
        self.arrays.iter().map(move |array| {
            let offset = next;
            next += aligned(array.data.len());
            (array.dtype, array.shape.as_slice(), offset)
        })
    }
}

impl Serialize for BlockOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.runs == 1 {
            return (self.plan, &self.inputs).serialize(serializer);
        }
        (self.plan, &self.inputs, self.runs).serialize(serializer)
    }
}

impl Serialize for InputsOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut inputs = serializer.serialize_seq(Some(self.arrays.len()))?;
        self.iter().try_for_each(|input| inputs.serialize_element(&input))?;
        inputs.end()
    }
}

/// Whether two programs certainly differ only in their inputs. If the answer is no, the bytes of their plans decide.
fn share_a_plan(a: &Program, b: &Program) -> bool {
    let same_step = |a: &Step, b: &Step| {
        let same_keyword = |a: &(String, Arg), b: &(String, Arg)| a.0 == b.0 && same_arg(&a.1, &b.1);
        a.function == b.function && a.role == b.role && all(&a.args, &b.args, same_arg) && all(&a.kwargs, &b.kwargs, same_keyword)
    };
    a.inputs.len() == b.inputs.len() && a.returns == b.returns && all(&a.steps, &b.steps, same_step)
}

/// Equality that distinguishes zeros of different signs.
fn same_arg(a: &Arg, b: &Arg) -> bool {
    match (a, b) {
        (Arg::Scalar(a), Arg::Scalar(b)) => a.element().same_bits(b.element()),
        (Arg::Tuple(a), Arg::Tuple(b)) | (Arg::List(a), Arg::List(b)) => all(a, b, same_arg),
        (a, b) => a == b,
    }
}

fn all<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn write_batch(out: &mut Vec<u8>, batch: &BatchOut) -> Written {
    write_map_len(out, 1)?;
    write_str(out, "batch")?;
    write_map_len(out, 4)?;
    write_str(out, "id")?;
    write_uint(out, batch.id)?;
    write_str(out, "plans")?;
    list(out, &batch.plans, |out, plan| write_bin(out, plan))?;
    write_str(out, "programs")?;
    list(out, &batch.programs, |out, BlockOut { plan, inputs, runs }| {
        write_array_len(out, if *runs == 1 { 2 } else { 3 })?;
        write_uint(out, (*plan).into())?;
        write_array_len(out, inputs.arrays.len() as u32)?;
        inputs.iter().try_for_each(|(dtype, shape, offset)| {
            write_array_len(out, 3)?;
            write_str(out, dtype.name())?;
            list(out, shape, |out, n| write_uint(out, *n as u64).map(drop))?;
            write_uint(out, offset as u64).map(drop)
        })?;
        if *runs == 1 { Ok(()) } else { write_uint(out, *runs as u64).map(drop) }
    })?;
    write_str(out, "data")?;
    write_bin(out, &batch.data)
}

/// Writes the bytes of a program's [`PlanIn`], also by hand.
fn write_plan(out: &mut Vec<u8>, program: &Program) -> Written {
    write_map_len(out, 3)?;
    write_str(out, "inputs")?;
    write_uint(out, program.inputs.len() as u64)?;
    write_str(out, "steps")?;
    list(out, &program.steps, step)?;
    write_str(out, "returns")?;
    list(out, &program.returns, |out, register| write_uint(out, (*register).into()).map(drop))
}

type Written = Result<(), rmp::encode::ValueWriteError>;

fn list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T) -> Written) -> Written {
    write_array_len(out, items.len() as u32)?;
    items.iter().try_for_each(|item| write(out, item))
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
        Arg::Array(Register(register)) => {
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
        Arg::Fields(none, _) => match *none {},
    }
}

fn scalar(out: &mut Vec<u8>, value: &Scalar) -> Written {
    // Scalars are rare, and their text forms are defined in one place, so serde writes them.
    let bytes = rmp_serde::to_vec_named(value).unwrap_or_default();
    out.extend(bytes);
    Ok(())
}

// ---------------------------------------------------------------------------------------------------------------------
// In

#[derive(Deserialize)]
struct BatchIn {
    id: u64,
    plans: Vec<ByteBuf>,
    programs: Vec<BlockIn>,
    data: ByteBuf,
}

/// The plan, the inputs and the number of runs, which may be absent.
struct BlockIn(usize, Vec<InputIn>, usize);

impl<'de> Deserialize<'de> for BlockIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BlockIn, D::Error> {
        struct Items;

        impl<'de> Visitor<'de> for Items {
            type Value = BlockIn;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a program: [plan, inputs] or [plan, inputs, runs]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<BlockIn, A::Error> {
                let plan = items.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let inputs = items.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
                Ok(BlockIn(plan, inputs, items.next_element()?.unwrap_or(1)))
            }
        }

        deserializer.deserialize_seq(Items)
    }
}

/// The dtype, the shape and the offset of an input.
type InputIn = (DType, Vec<usize>, usize);

/// A program without its inputs.
#[derive(Deserialize)]
struct PlanIn {
    inputs: usize,
    steps: Vec<Step>,
    returns: Vec<u32>,
}

impl BatchIn {
    fn programs(&self) -> Result<Vec<Program>, String> {
        let plans = self.plans.iter().map(|bytes| rmp_serde::from_slice::<PlanIn>(bytes).map_err(|e| format!("read a plan: {e}")));
        let plans = plans.collect::<Result<Vec<_>, _>>()?;
        let total = self.programs.iter().try_fold(0usize, |total, BlockIn(.., runs)| total.checked_add(*runs));
        if total.is_none_or(|total| total > MOST_PROGRAMS) {
            return Err(format!("a batch of more than {MOST_PROGRAMS} programs"));
        }
        let block = |BlockIn(plan, inputs, runs): &BlockIn| {
            let PlanIn { inputs: count, steps, returns } = plans.get(*plan).ok_or_else(|| format!("there is no plan {plan}"))?;
            if inputs.len() != *count {
                return Err(format!("{} inputs for a plan of {count}", inputs.len()));
            }
            let inputs = inputs.iter().map(|input| self.input(input)).collect::<Result<Vec<_>, _>>()?;
            let holds_runs = |input: &Array| input.shape.first() == Some(runs);
            if *runs == 0 || *runs > 1 && (inputs.is_empty() || !inputs.iter().all(holds_runs)) {
                return Err(format!("inputs that do not hold {runs} runs along their first axes"));
            }
            Ok(Block { program: Program { inputs, steps: steps.clone(), returns: returns.clone() }, runs: *runs })
        };
        let blocks = self.programs.iter().map(block).collect::<Result<Vec<_>, _>>()?;
        Ok(blocks.iter().flat_map(Block::programs).collect())
    }

    fn input(&self, (dtype, shape, offset): &InputIn) -> Result<Array, String> {
        let size = shape.iter().try_fold(dtype.size(), |bytes, n| bytes.checked_mul(*n));
        let data = size.and_then(|size| self.data.get(*offset..offset.checked_add(size)?));
        let data = data.ok_or_else(|| format!("an input of dtype {dtype} and shape {shape:?} at {offset} ends beyond the data"))?;
        Ok(Array { dtype: *dtype, shape: shape.clone(), data: data.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Element, HostFrame, Slice, encode_frame, read_frame};

    fn program() -> Program {
        let int = |v| Arg::Scalar(Scalar::Int(v));
        let args = vec![
            Arg::Register(0),
            int(-3),
            Arg::Scalar(Scalar::Float(0.1)),
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
        Program {
            inputs: vec![
                Array::from_elements(DType::Int16, vec![300], (0..300).map(Element::Int)),
                Array::from_elements(DType::Float64, vec![], [Element::F64(1.0)]),
                Array { dtype: DType::Bool, shape: vec![2, 0], data: vec![] },
            ],
            steps: vec![
                Step { function: "operator.getitem".into(), args, kwargs: vec![], role: Role::Prepare },
                Step { function: "f".into(), args: vec![], kwargs: vec![("min".into(), Arg::None)], role: Role::Subject },
            ],
            returns: vec![0, 130, 70_000],
        }
    }

    fn other_program() -> Program {
        Program { inputs: vec![], steps: vec![], returns: vec![1] }
    }

    #[test]
    fn a_batch_comes_back_as_it_was() {
        let (one, other) = (program(), other_program());
        for programs in [vec![], vec![one.clone()], vec![one.clone(), other.clone(), one.clone(), other, one]] {
            for id in [0, 200, u64::MAX] {
                let bytes = encode_batch(id, &programs.iter().cloned().map(Block::from).collect::<Vec<_>>()).unwrap();
                let frame = HostFrame::Batch { id, programs: programs.clone() };
                assert_eq!(bytes, encode_frame(&frame).unwrap());
                assert_eq!(read_frame::<HostFrame>(&mut bytes.as_slice()).unwrap(), Some(frame));
            }
        }
    }

    #[test]
    fn programs_that_differ_in_their_inputs_share_a_plan() {
        let mut changed = program();
        changed.inputs.swap(0, 1);
        let programs = [program(), other_program(), changed, program()];
        let batch = BatchOut::new(0, programs.iter().map(|program| (program, 1)));
        assert_eq!(batch.programs.iter().map(|block| block.plan).collect::<Vec<_>>(), [0, 1, 0, 0]);
        assert_eq!(batch.plans.len(), 2);
    }

    #[test]
    fn zeros_of_either_sign_are_not_the_same_plan() {
        let zero = |v| {
            let args = vec![Arg::Tuple(vec![Arg::Scalar(Scalar::Float(v))])];
            Program {
                inputs: vec![],
                steps: vec![Step { function: "f".into(), args, kwargs: vec![], role: Role::Subject }],
                returns: vec![0],
            }
        };
        let bytes = encode_batch(0, &[zero(0.0), zero(-0.0), zero(-0.0)].map(Block::from)).unwrap();
        let Some(HostFrame::Batch { programs, .. }) = read_frame(&mut bytes.as_slice()).unwrap() else { panic!("it is a batch") };
        let signs = programs.iter().map(|program| format!("{:?}", program.steps)).collect::<Vec<_>>();
        assert_eq!(signs.iter().map(|text| text.contains("-0.0")).collect::<Vec<_>>(), [false, true, true]);
    }

    #[test]
    fn a_plan_is_written_as_serde_writes_it() {
        #[derive(Serialize)]
        struct Plan {
            inputs: usize,
            steps: Vec<Step>,
            returns: Vec<u32>,
        }
        let mut bytes = Vec::new();
        write_plan(&mut bytes, &program()).unwrap();
        let Program { inputs, steps, returns } = program();
        assert_eq!(bytes, rmp_serde::to_vec_named(&Plan { inputs: inputs.len(), steps, returns }).unwrap());
    }

    #[test]
    fn inputs_beyond_the_data_and_plans_that_are_missing_are_refused() {
        let error = |plan, inputs: Vec<InputIn>, runs| {
            let plan_bytes = |inputs| {
                let mut bytes = Vec::new();
                write_plan(&mut bytes, &Program { inputs, steps: vec![], returns: vec![0] }).unwrap();
                ByteBuf::from(bytes)
            };
            let plans = vec![plan_bytes(vec![program().inputs.remove(1)])];
            let batch = BatchIn { id: 0, plans, programs: vec![BlockIn(plan, inputs, runs)], data: ByteBuf::from(vec![0; 16]) };
            batch.programs().unwrap_err()
        };
        let input = |shape, offset| vec![(DType::Float64, shape, offset)];
        assert!(error(0, input(vec![2], 16), 1).contains("beyond the data"));
        assert!(error(0, input(vec![usize::MAX, 2], 0), 1).contains("beyond the data"));
        assert!(error(0, input(vec![], usize::MAX), 1).contains("beyond the data"));
        assert!(error(0, vec![], 1).contains("0 inputs for a plan of 1"));
        assert!(error(1, input(vec![2], 0), 1).contains("no plan 1"));
        assert!(error(0, input(vec![1 << 40, 0], 0), 1 << 40).contains("more than 65536 programs"));
        for (shape, runs) in [(vec![2], 0), (vec![2], 3), (vec![], 2)] {
            assert!(error(0, input(shape, 0), runs).contains("runs along their first axes"));
        }
    }

    #[test]
    fn a_block_is_read_as_its_programs() {
        let stacked =
            |shape: &[usize], values: &[i128]| Array::from_elements(DType::Int8, shape.to_vec(), values.iter().map(|v| Element::Int(*v)));
        let with = |inputs| Program { inputs, steps: vec![], returns: vec![0] };
        let block = Block { program: with(vec![stacked(&[2, 2], &[1, 2, 3, 4]), stacked(&[2], &[5, 6])]), runs: 2 };
        let bytes = encode_batch(3, &[block, Block::from(other_program())]).unwrap();
        let programs = vec![
            with(vec![stacked(&[2], &[1, 2]), stacked(&[], &[5])]),
            with(vec![stacked(&[2], &[3, 4]), stacked(&[], &[6])]),
            other_program(),
        ];
        assert_eq!(read_frame::<HostFrame>(&mut bytes.as_slice()).unwrap(), Some(HostFrame::Batch { id: 3, programs }));
    }
}
