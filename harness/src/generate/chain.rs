//! Chains: a few calls that move elements, change their shape or update a copy in place, and end in an array that is known. A call whose
//! first array comes out of a chain meets views of views, results of broadcasting and memory that was written before.

use array_assay_interface::{Arg, Array, DType, Outcome, Program, Role, Scalar, Step, Value};
use array_assay_spec::{Domain, Function, Spec};

use super::arguments::Primary;
use super::call::{CallCase, CallStream};
use super::stream::Pool;
use super::values::{Random, element, seed_for};
use crate::judge::{Observed, agree};

/// Calls at most in a chain, so that a program has two to six.
const LONGEST: usize = 5;

/// The greatest number of elements on the way.
const MOST_ELEMENTS: usize = 64;

/// The functions of which chains are made.
pub struct Links<'a> {
    movers: Vec<CallStream<'a>>,
    assign: Option<CallStream<'a>>,
}

/// Calls that were made before the subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The calls; every step is one that prepares.
    program: Program,
    /// The value of each register that is handed back.
    values: Vec<Array>,
    /// The register of the array in which it ends.
    last: u32,
}

impl<'a> Links<'a> {
    /// The functions of the spec that move elements and give one array, and assignment.
    pub fn new(spec: &'a Spec, pool: &'a Pool) -> Links<'a> {
        let moves = |f: &&Function| {
            let of_kind = matches!(f.category.as_str(), "manipulation" | "indexing") || f.path() == "operator.getitem";
            of_kind && f.returns_one_array() && Primary::of(f).is_some_and(|p| matches!(p.domain, Domain::Array { .. }))
        };
        let stream = |f: &'a Function| CallStream::new(spec, f, pool);
        let assign = spec.functions.iter().find(|f| f.path() == "operator.setitem");
        Links { movers: spec.functions.iter().filter(moves).filter_map(stream).collect(), assign: assign.and_then(stream) }
    }

    /// A chain that begins with an array of `dtype`; a function of the seed, the name and the index alone.
    pub fn chain(&self, seed: u64, name: &str, index: u64, dtype: DType, pool: &Pool) -> Option<Chain> {
        let mut random = Random::new(seed_for(seed, &format!("{name}::chain"), index));
        let shape = pool.shape(pool.max_rank.min(3), &mut random);
        let total: usize = shape.iter().product();
        let first = Array::from_elements(dtype, shape, (0..total).map(|_| element(&mut random, dtype)));
        let mut builder = Builder { inputs: vec![first.clone()], steps: Vec::new(), at: Register::Input(0), array: first };
        for _ in 0..1 + random.below(LONGEST) {
            let written =
                if random.below(4) == 0 { self.assign.as_ref().and_then(|assign| assign.on(&builder.array, &mut random)) } else { None };
            match written {
                Some(case) => builder.assign(&case),
                None if self.movers.is_empty() => return None,
                None => {
                    let mover = &self.movers[random.below(self.movers.len())];
                    if let Some(case) = mover.on(&builder.array, &mut random) {
                        builder.call(mover.function, &case);
                    }
                }
            }
        }
        (!builder.steps.is_empty()).then(|| builder.chain())
    }
}

/// A register before the number of inputs is known.
#[derive(Debug, Clone, Copy)]
enum Register {
    Input(usize),
    Step(usize),
}

struct Builder {
    inputs: Vec<Array>,
    /// Calls and, where it is known for good, what each gives.
    steps: Vec<(Step, Option<Array>)>,
    at: Register,
    array: Array,
}

impl Builder {
    /// Adds the call of a case whose first array is the one that the chain has come to.
    fn call(&mut self, function: &Function, case: &CallCase<'_>) {
        let Some(Value::Array(result)) = case.expectation.example() else { return };
        if result.len() > MOST_ELEMENTS {
            return;
        }
        let program = case.call.program(function);
        // The subject of the case's own program, its registers renumbered: its first input is the chain's array.
        let Some(mut step) = program.steps.into_iter().find(|step| step.function == function.path()) else { return };
        let before = self.inputs.len();
        self.inputs.extend(program.inputs.into_iter().skip(1));
        renumber(&mut step, &mut |r| if r == 0 { encode(self.at) } else { encode(Register::Input(before + r as usize - 1)) });
        step.role = Role::Prepare;
        self.steps.push((step, Some(result.clone())));
        (self.at, self.array) = (Register::Step(self.steps.len() - 1), result);
    }

    /// Copies the array that the chain has come to and assigns to elements of the copy.
    fn assign(&mut self, case: &CallCase<'_>) {
        let Some(Value::Array(result)) = case.expectation.example() else { return };
        let copy = Step {
            function: "asarray".to_owned(),
            args: vec![Arg::Register(encode(self.at))],
            kwargs: vec![("copy".to_owned(), Arg::Scalar(Scalar::Bool(true)))],
            role: Role::Prepare,
        };
        // The copy is written to: what it held before is not to be seen any more.
        self.steps.push((copy, None));
        self.at = Register::Step(self.steps.len() - 1);
        let mut args = case.call.arguments.iter().map(|(_, given)| given);
        let mut step = Step { function: "operator.setitem".to_owned(), args: Vec::new(), kwargs: Vec::new(), role: Role::Prepare };
        let _ = args.next();
        step.args.push(Arg::Register(encode(self.at)));
        for given in args {
            let arg = self.argument(given);
            step.args.push(arg);
        }
        self.steps.push((step, None));
        self.array = result;
    }

    fn argument(&mut self, given: &array_assay_oracle::call::Given) -> Arg {
        use array_assay_oracle::call::Given;
        match given {
            Given::Array(array) => {
                self.inputs.push(array.clone());
                Arg::Register(encode(Register::Input(self.inputs.len() - 1)))
            }
            Given::Scalar(scalar) => Arg::Scalar(*scalar),
            Given::Slice(slice) => Arg::Slice(*slice),
            Given::Ellipsis => Arg::Ellipsis,
            Given::Tuple(items) => Arg::Tuple(items.iter().map(|item| self.argument(item)).collect()),
            Given::List(items) => Arg::List(items.iter().map(|item| self.argument(item)).collect()),
            Given::Str(text) => Arg::Str(text.clone()),
            Given::Dtype(dtype) => Arg::Dtype(*dtype),
            Given::Device(name) => Arg::Device(name.clone()),
            Given::None => Arg::None,
        }
    }

    fn chain(self) -> Chain {
        let inputs = self.inputs.len() as u32;
        let number = |r: u32| decode(r, inputs);
        let last = number(encode(self.at));
        let (mut returns, mut values, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        for (i, (mut step, value)) in self.steps.into_iter().enumerate() {
            renumber(&mut step, &mut |r| number(r));
            steps.push(step);
            if let Some(value) = value {
                returns.push(inputs + i as u32);
                values.push(value);
            }
        }
        if !returns.contains(&last) {
            returns.push(last);
            values.push(self.array);
        }
        Chain { program: Program { inputs: self.inputs, steps, returns }, values, last }
    }
}

/// Registers of steps are marked until the number of inputs is known.
const OF_STEP: u32 = 1 << 24;

fn encode(register: Register) -> u32 {
    match register {
        Register::Input(i) => i as u32,
        Register::Step(i) => OF_STEP | i as u32,
    }
}

fn decode(register: u32, inputs: u32) -> u32 {
    if register & OF_STEP == 0 { register } else { inputs + (register & !OF_STEP) }
}

fn renumber(step: &mut Step, map: &mut impl FnMut(u32) -> u32) {
    fn visit(arg: &mut Arg, map: &mut impl FnMut(u32) -> u32) {
        match arg {
            Arg::Register(r) => *r = map(*r),
            Arg::Tuple(items) | Arg::List(items) => items.iter_mut().for_each(|item| visit(item, map)),
            _ => {}
        }
    }
    step.args.iter_mut().for_each(|arg| visit(arg, map));
    step.kwargs.iter_mut().for_each(|(_, arg)| visit(arg, map));
}

impl Chain {
    /// The array in which it ends.
    pub fn result(&self) -> &Array {
        self.values.last().expect("a chain hands back where it ends")
    }

    /// The program that makes the chain and then `subject`, whose first input is the array in which the chain ends. The registers that
    /// the subject hands back come first, then those of the chain.
    pub fn before(&self, subject: &Program) -> Program {
        let (mine, more) = (self.program.inputs.len() as u32, subject.inputs.len() as u32 - 1);
        let (theirs, calls) = (subject.inputs.len() as u32, self.program.steps.len() as u32);
        let own = |r: u32| if r < mine { r } else { r + more };
        let other = |r: u32| match r {
            0 => own(self.last),
            r if r < theirs => mine + r - 1,
            r => mine + more + calls + (r - theirs),
        };
        let mut steps = Vec::with_capacity(self.program.steps.len() + subject.steps.len());
        for step in &self.program.steps {
            let mut step = step.clone();
            renumber(&mut step, &mut |r| own(r));
            steps.push(step);
        }
        for step in &subject.steps {
            let mut step = step.clone();
            renumber(&mut step, &mut |r| other(r));
            steps.push(step);
        }
        let returns = subject.returns.iter().map(|r| other(*r)).chain(self.program.returns.iter().map(|r| own(*r))).collect();
        Program { inputs: self.program.inputs.iter().chain(&subject.inputs[1..]).cloned().collect(), steps, returns }
    }

    /// What was observed of a program that begins with the chain, for the judge of the subject alone: the program with the subject's
    /// registers and their values. `None` where the chain itself went wrong, which is not the subject's fault.
    pub fn strip(&self, program: &Program, observed: &Observed) -> Option<(Program, Observed)> {
        let own = program.returns.len() - self.values.len();
        let stripped = Program { returns: program.returns[..own].to_vec(), ..program.clone() };
        let observed = match observed {
            Observed::Outcome(Outcome::Values(values)) if values.len() >= own => {
                if !self.holds(&values[own..]) {
                    return None;
                }
                Observed::Outcome(Outcome::Values(values[..own].to_vec()))
            }
            // What was made before the fault comes back too.
            Observed::Outcome(Outcome::Raised { values, .. } | Outcome::Missing { values, .. })
                if !self.holds(&values[values.len().saturating_sub(self.values.len())..]) =>
            {
                return None;
            }
            other => other.clone(),
        };
        Some((stripped, observed))
    }

    /// A word for people on what came before the call.
    pub fn note(&self) -> String {
        let names: Vec<&str> = self.program.steps.iter().map(|step| step.function.as_str()).collect();
        format!("only seen where the first array comes out of {}", names.join(", "))
    }

    /// Whether the values that came back behind those of the subject are the chain's: if not, a function of the chain is at fault.
    fn holds(&self, values: &[Value]) -> bool {
        let same = |want: &Array, got: &Value| match got {
            // A scalar that only looks like an array is the fault of the call that gave it.
            Value::Array(got) => {
                got.dtype == want.dtype && got.shape == want.shape && want.elements().zip(got.elements()).all(|(a, b)| agree(a, b, false))
            }
            _ => false,
        };
        values.len() == self.values.len() && self.values.iter().zip(values).all(|(want, got)| same(want, got))
    }

    /// The chains that end in the same array with fewer calls: without its first ones.
    pub fn shorter(&self) -> Vec<Chain> {
        let inputs = self.program.inputs.len() as u32;
        let known = self.program.returns.iter().zip(&self.values).filter(|(r, _)| **r >= inputs);
        known
            .filter_map(|(register, value)| {
                let from = (register - inputs) as usize + 1;
                let rest = self.program.steps.get(from..).filter(|rest| !rest.is_empty())?;
                // The value stands where the call that gave it stood, as one more input.
                let at = |r: u32| match r {
                    r if r < inputs => Some(r + 1),
                    r if r == *register => Some(0),
                    r => (r > *register).then(|| inputs + 1 + (r - register - 1)),
                };
                let mut steps = rest.to_vec();
                let mut whole = true;
                for step in &mut steps {
                    renumber(step, &mut |r| {
                        at(r).unwrap_or_else(|| {
                            whole = false;
                            0
                        })
                    });
                }
                let kept: Vec<(u32, Array)> = self
                    .program
                    .returns
                    .iter()
                    .zip(&self.values)
                    .filter(|(r, _)| **r > *register)
                    .filter_map(|(r, v)| Some((at(*r)?, v.clone())))
                    .collect();
                let last = at(self.last)?;
                let program = Program {
                    inputs: std::iter::once(value).chain(&self.program.inputs).cloned().collect(),
                    steps,
                    returns: kept.iter().map(|(r, _)| *r).collect(),
                };
                (whole && !kept.is_empty()).then(|| Chain { program, values: kept.into_iter().map(|(_, v)| v).collect(), last })
            })
            .collect()
    }
}
