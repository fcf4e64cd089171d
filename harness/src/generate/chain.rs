//! Call chains: a few calls before the call under test, which takes its arrays from them. They move elements, compute, join arrays and
//! write to copies. So the call under test meets views of views, results of broadcasting, lazy results, and memory that was written before.
//! The result of each call is known.

use array_assay_interface::{Arg, Array, DType, Element, Program, Role, Scalar, Step};
use array_assay_oracle::Kernel;
use array_assay_oracle::call::{Elements, Expectation, Given};
use array_assay_spec::{Domain, DtypeRelation, Function, OperatorForm, Spec, ValueClass, Values};

use super::call::Call;
use super::calls::CallStream;
use super::case::Operand;
use super::profile::BackendProfile;
use super::shapes::broadcast;
use super::values::{Random, element, seed_for};

/// The greatest number of calls in a chain. With the call under test, a program has two to six calls.
const LONGEST: usize = 5;

/// The greatest number of elements of an array of a chain.
const MOST_ELEMENTS: usize = 64;

/// How many chains are drawn before the search is given up.
const ATTEMPTS: usize = 4;

/// The functions that chains are made of.
pub struct CallChains<'a> {
    spec: &'a Spec,
    profile: &'a BackendProfile,
    calls: Vec<CallStream<'a>>,
    pointwise: Vec<Pointwise<'a>>,
    in_place: Vec<Pointwise<'a>>,
    assign: Option<CallStream<'a>>,
}

/// An element-wise function, or an operator.
struct Pointwise<'a> {
    function: &'a Function,
    kernel: &'a Kernel,
}

/// Calls before the call under test.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallChain {
    /// The inputs and calls, in the order in which they are made. A register of a step is an index into this list.
    nodes: Vec<Node>,
    /// The nodes that the call under test takes as its first arrays.
    taken: Vec<u32>,
}

/// An input or a call of a chain.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    /// The call. `None` for an input.
    step: Option<Step>,
    /// The array that the register holds in the end. `None` if it must not be read any more: the call has no value, or a later call wrote
    /// to it.
    value: Option<Array>,
}

impl<'a> CallChains<'a> {
    /// The functions of the spec that a chain may be made of. `profile` should lack all capabilities, because a library may refuse the
    /// result of a call that needs one, such as an array of unknown shape.
    pub fn new(spec: &'a Spec, profile: &'a BackendProfile) -> CallChains<'a> {
        let may_serve = |f: &&Function| f.until.is_none() && profile.excuses_all(spec, f).is_none();
        let of_one_array = |f: &&Function| {
            !f.is_elementwise()
                && f.extension().is_none()
                && f.owner().is_none()
                && f.returns_one_array()
                && f.result.observes.is_none()
                && f.primary().is_some_and(|p| matches!(p.domain, Domain::Array { .. }))
        };
        let stream = |f: &'a Function| CallStream::new(spec, f, profile);
        let pointwise = |in_place: bool| {
            let form = move |f: &&Function| match &f.operator {
                None => !in_place && f.category == "elementwise",
                Some(operator) => matches!((&operator.form, in_place), (OperatorForm::Forward, false) | (OperatorForm::InPlace, true)),
            };
            let functions = spec.functions.iter().filter(move |f| f.is_elementwise() && form(f)).filter(may_serve);
            let required = functions.filter(|f| f.operands.iter().all(|operand| !operand.optional));
            required
                .filter_map(|function| Some(Pointwise { function, kernel: array_assay_oracle::kernel(function.semantics())? }))
                .collect()
        };
        CallChains {
            spec,
            profile,
            calls: spec.functions.iter().filter(may_serve).filter(of_one_array).filter_map(stream).collect(),
            pointwise: pointwise(false),
            in_place: pointwise(true),
            assign: spec.functions.iter().filter(may_serve).find(|f| f.path() == "operator.setitem").and_then(stream),
        }
    }

    /// A chain that ends in an array of `dtype`. It depends only on the seed, the name and the index.
    pub fn draw(&self, seed: u64, name: &str, index: u64, dtype: DType) -> Option<CallChain> {
        let mut random = Random::new(seed_for(seed, &format!("{name}::prelude"), index));
        (0..ATTEMPTS).find_map(|_| {
            let shape = self.profile.shape(self.profile.max_rank.min(3), &mut random);
            let mut chain = CallChain::default();
            chain.input(drawn(dtype, shape, &mut random));
            let length = 1 + random.below(LONGEST);
            for _ in 0..2 * LONGEST {
                if chain.calls() >= length {
                    break;
                }
                self.extend(&mut chain, &mut random);
            }
            chain.ending_in(dtype)
        })
    }

    /// Adds a call to a chain, if one is found.
    fn extend(&self, chain: &mut CallChain, random: &mut Random) -> Option<()> {
        let known: Vec<u32> = chain.known().collect();
        let at = if random.below(3) == 0 { known[random.below(known.len())] } else { *known.last()? };
        let array = chain.value(at)?.clone();
        let made = match random.below(8) {
            0 => self.call(self.assign.as_ref()?, at, &array, chain, random)?,
            1 => self.compute(&self.in_place, at, &array, chain, random)?,
            2..5 => self.compute(&self.pointwise, at, &array, chain, random)?,
            _ => self.call(self.calls.get(random.below(self.calls.len().max(1)))?, at, &array, chain, random)?,
        };
        let Array { dtype, shape, .. } = &made.result;
        let declared = self.profile.shapes.is_empty() || self.profile.shapes.contains(shape);
        let fits = made.result.len() <= MOST_ELEMENTS && shape.len() <= self.profile.max_rank && declared;
        if fits && self.profile.dtypes.contains(dtype) && !self.profile.unusable.contains_key(dtype) {
            chain.call(made);
        }
        Some(())
    }

    /// A call of a function on an array of the chain, and on other arrays of the chain if they fit. The registers of its step are its
    /// arrays, in order.
    fn call(&self, stream: &CallStream<'a>, at: u32, array: &Array, chain: &CallChain, random: &mut Random) -> Option<Made> {
        let mut case = stream.on(array, random)?;
        // Arrays on different devices cannot be used together.
        if case.call.arguments.iter().any(|(_, given)| matches!(given, Given::Device(_))) {
            return None;
        }
        let mut takes: Vec<Taken> = case.call.arrays().into_iter().cloned().map(Taken::Fresh).collect();
        takes[0] = Taken::Register(at);
        let may_join = joinable(stream.function, &case.call);
        for (i, taken) in takes.iter_mut().enumerate().skip(1).filter(|(i, _)| may_join[*i]) {
            let Taken::Fresh(fresh) = &*taken else { continue };
            let Some((register, other)) = chain.some_other(random, |other| other.dtype == fresh.dtype) else { continue };
            let mut joined = case.call.clone();
            joined.replace_array(i, other);
            // The oracle says whether the array fits.
            if let Some(joined) = stream.specified(joined) {
                (case, *taken) = (joined, Taken::Register(register));
            }
        }
        let result = known(&case.expectation).filter(|_| case.excused.is_none() && case.unusable.is_none())?;
        let step = case.call.program(stream.function).steps.into_iter().find(|step| step.function == stream.function.path())?;
        Some(Made { step, takes, writes: stream.function.result.mutates.is_some(), result })
    }

    /// A call of one of these element-wise functions on an array of the chain and on others, if its result is known.
    fn compute(&self, of: &[Pointwise<'a>], at: u32, array: &Array, chain: &CallChain, random: &mut Random) -> Option<Made> {
        let Pointwise { function, kernel } = of.get(random.below(of.len().max(1)))?;
        if !function.operands.iter().all(|operand| operand.dtypes.contains(array.dtype)) {
            return None;
        }
        let mut takes = vec![Taken::Register(at)];
        let mut operands = vec![array.clone()];
        for _ in 1..function.operands.len() {
            let joins = |other: &Array| other.dtype == array.dtype && broadcast([&array.shape[..], &other.shape[..]]).is_some();
            let (taken, operand) = match chain.some_other(random, joins) {
                Some((register, other)) => (Taken::Register(register), other),
                None => {
                    let dropped = if random.below(3) == 0 { array.shape.len() } else { 0 };
                    let fresh = drawn(array.dtype, array.shape[dropped..].to_vec(), random);
                    (Taken::Fresh(fresh.clone()), fresh)
                }
            };
            takes.push(taken);
            operands.push(operand);
        }
        let case = Call::of_operands(function, operands.into_iter().map(Operand::array));
        let result = self.computed(&case, function, kernel)?;
        // An in-place operator keeps the shape of its first operand.
        let writes = function.is_operator(OperatorForm::InPlace);
        if writes && result.shape != array.shape {
            return None;
        }
        Some(Made { step: case.program(function).steps.pop()?, takes, writes, result })
    }

    /// The result of a call. `None` if the standard allows several values for some element.
    fn computed(&self, case: &Call<'_>, function: &Function, kernel: &Kernel) -> Option<Array> {
        let common = case.common_dtype(self.spec)?;
        let (dtype, shape) = (case.result_dtype(self.spec, function)?, case.result_shape(function)?);
        let total: usize = shape.iter().product();
        if function.value_class(common) == ValueClass::Approximate || total > MOST_ELEMENTS {
            return None;
        }
        let pairing = case.pairing(function, common, &shape);
        let element = |i: usize| {
            let arguments = pairing.arguments(i);
            let answer = kernel.eval(common, &arguments);
            answer
                .value
                .filter(|_| answer.alternative.is_none() && !function.leaves_open(common, &arguments))
                .map(|value| value.cast(dtype))
        };
        let elements: Vec<Element> = (0..total).map(element).collect::<Option<_>>()?;
        Some(Array::from_elements(dtype, shape, elements))
    }
}

/// A new array of any numbers, or of small ones that sums and products keep exact.
fn drawn(dtype: DType, shape: Vec<usize>, random: &mut Random) -> Array {
    let small = random.below(2) == 0;
    let total: usize = shape.iter().product();
    let mut number = || {
        if small { Element::Int(random.below(6) as i128).cast(dtype) } else { element(random, dtype) }
    };
    let elements: Vec<Element> = (0..total).map(|_| number()).collect();
    Array::from_elements(dtype, shape, elements)
}

/// For each array among the arguments of a call: whether it may hold any elements of its dtype.
fn joinable(function: &Function, call: &Call<'_>) -> Vec<bool> {
    let free = |name: &str| match function.parameters.iter().find(|p| p.name == name).map(|p| &p.domain) {
        Some(Domain::Array { dtype, values, .. }) => *dtype != DtypeRelation::Own && *values == Values::default(),
        Some(Domain::Arrays { .. } | Domain::ArrayOrScalar { .. }) => true,
        _ => false,
    };
    call.arguments.iter().flat_map(|(name, given)| std::iter::repeat_n(free(name), given.leaves().count())).collect()
}

/// The result of a call, if the standard allows only one.
fn known(expectation: &Expectation) -> Option<Array> {
    let Expectation::Array(array) = expectation else { return None };
    let is_zero = |e: &Element| e.components().0 == 0.0 || e.components().1 == 0.0;
    let unique = match &array.elements {
        Elements::Exact(_) => true,
        Elements::EitherZero(elements) => !array.dtype.is_floating() || !elements.iter().any(is_zero),
        _ => false,
    };
    unique.then(|| array.example())
}

/// A call that may be added to a chain.
struct Made {
    /// The step. Its registers are indices into `takes`.
    step: Step,
    takes: Vec<Taken>,
    /// Whether the call writes to the first of them.
    writes: bool,
    result: Array,
}

/// An array that a call takes.
enum Taken {
    /// The array of a register of the chain.
    Register(u32),
    /// A new array.
    Fresh(Array),
}

/// The register that a step writes to, if the step returns nothing.
fn written(step: &Step) -> Option<u32> {
    let first = step.args.first().filter(|_| step.function == "operator.setitem");
    first.and_then(Arg::register)
}

/// The step that copies a register.
fn copy_of(register: u32) -> Step {
    let copy = ("copy".to_owned(), Arg::Scalar(Scalar::Bool(true)));
    Step { function: "asarray".to_owned(), args: vec![Arg::Register(register)], kwargs: vec![copy], role: Role::Prepare }
}

impl CallChain {
    /// The number of calls.
    fn calls(&self) -> usize {
        self.nodes.iter().filter(|node| node.step.is_some()).count()
    }

    /// The array that a register holds, if it may be read.
    fn value(&self, register: u32) -> Option<&Array> {
        self.nodes.get(register as usize)?.value.as_ref()
    }

    /// The registers that may be read.
    fn known(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        (0..self.nodes.len() as u32).filter(|r| self.value(*r).is_some())
    }

    /// In two of three cases, an array of the chain that fits, with its register. `None` if none fits.
    fn some_other(&self, random: &mut Random, fits: impl Fn(&Array) -> bool) -> Option<(u32, Array)> {
        let fitting: Vec<u32> = self.known().filter(|r| self.value(*r).is_some_and(&fits)).collect();
        if fitting.is_empty() || random.below(3) == 0 {
            return None;
        }
        let register = fitting[random.below(fitting.len())];
        Some((register, self.value(register)?.clone()))
    }

    /// Adds a node and returns its register.
    fn push(&mut self, step: Option<Step>, value: Option<Array>) -> u32 {
        self.nodes.push(Node { step, value });
        self.nodes.len() as u32 - 1
    }

    fn input(&mut self, array: Array) -> u32 {
        self.push(None, Some(array))
    }

    /// Adds a call. If the call writes to its first array, a copy of the array is made first.
    fn call(&mut self, Made { mut step, takes, writes, result }: Made) {
        let place = |chain: &mut CallChain, taken| match taken {
            Taken::Register(register) => register,
            Taken::Fresh(array) => chain.input(array),
        };
        let mut takes: Vec<u32> = takes.into_iter().map(|taken| place(self, taken)).collect();
        if writes {
            takes[0] = self.push(Some(copy_of(takes[0])), None);
        }
        step.role = Role::Prepare;
        step.renumber(|r| takes[r as usize]);
        match written(&step) {
            Some(target) => {
                self.nodes[target as usize].value = Some(result);
                self.push(Some(step), None);
            }
            None => {
                self.push(Some(step), Some(result));
            }
        }
    }

    /// The chain that ends in the last array of this dtype that a call returned. Calls that write are kept even if nothing reads what they
    /// wrote, because other arrays may share the memory.
    fn ending_in(mut self, dtype: DType) -> Option<CallChain> {
        let made = |r: &u32| self.nodes[*r as usize].step.is_some() && self.value(*r).is_some_and(|array| array.dtype == dtype);
        let last = self.known().rev().find(made)?;
        self.taken = vec![last];
        Some(self.kept(true))
    }

    /// The chain without the nodes that nothing needs. `what_is_written_to` keeps the calls that write.
    fn kept(self, what_is_written_to: bool) -> CallChain {
        let mut needed = vec![false; self.nodes.len()];
        self.taken.iter().for_each(|r| needed[*r as usize] = true);
        for (i, node) in self.nodes.iter().enumerate().rev() {
            let Some(step) = &node.step else { continue };
            let overwrites = step.registers().next().is_some_and(|r| self.value(r).is_none());
            let target = written(step).or(overwrites.then_some(i as u32));
            needed[i] |= target.is_some_and(|target| what_is_written_to || needed[target as usize]);
            if needed[i] {
                step.registers().for_each(|r| needed[r as usize] = true);
            }
        }
        let place = |r: u32| needed[..r as usize].iter().filter(|needed| **needed).count() as u32;
        let mut nodes: Vec<Node> = self.nodes.into_iter().zip(&needed).filter_map(|(node, needed)| needed.then_some(node)).collect();
        nodes.iter_mut().filter_map(|node| node.step.as_mut()).for_each(|step| step.renumber(&place));
        CallChain { nodes, taken: self.taken.into_iter().map(place).collect() }
    }

    /// The chains with fewer calls: without calls that nothing reads, or with one call replaced by the array that it returned.
    pub fn simpler(&self) -> Vec<CallChain> {
        let calls = self.calls();
        let without = |i: usize| {
            let mut simpler = self.clone();
            simpler.nodes[i].step = None;
            // The array already holds what a later call wrote to it, so that call goes too.
            let writes = |node: &&mut Node| node.step.as_ref().and_then(written) == Some(i as u32);
            simpler.nodes.iter_mut().filter(writes).for_each(|node| node.step = None);
            simpler
        };
        let made = |i: &usize| self.nodes[*i].step.is_some() && self.nodes[*i].value.is_some();
        let simpler = std::iter::once(self.clone()).chain((0..self.nodes.len()).filter(made).map(without));
        simpler.map(|chain| chain.kept(false)).filter(|chain| (1..calls).contains(&chain.calls())).collect()
    }

    /// The array in which the chain ends.
    pub fn result(&self) -> &Array {
        self.taken.first().and_then(|r| self.value(*r)).expect("a chain knows where it ends")
    }

    /// The chain followed by a copy of its last array, for a call that writes to its argument.
    pub fn copied(mut self) -> CallChain {
        self.taken[0] = self.push(Some(copy_of(self.taken[0])), None);
        self
    }

    /// In two of three cases, lets the call under test take another array of the chain, if one fits. Returns that array.
    pub fn also_take(&mut self, random: &mut Random, fits: impl Fn(&Array) -> bool) -> Option<Array> {
        let (register, array) = self.some_other(random, fits)?;
        self.taken.push(register);
        Some(array)
    }

    /// The arrays of the chain, in the order in which the program of [`CallChain::before`] returns them. The inputs are among them: if the
    /// library returned a view where a copy was asked for, writing to it changes an input.
    pub fn values(&self) -> impl Iterator<Item = &Array> {
        self.nodes.iter().filter_map(|node| node.value.as_ref())
    }

    /// The program that makes the chain and then `subject`, whose first inputs come from the chain. It returns the arrays of the chain, then what
    /// `subject` returns.
    pub fn before(&self, subject: &Program) -> Program {
        let (mut inputs, mut steps) = (Vec::new(), Vec::new());
        for node in &self.nodes {
            match (&node.step, &node.value) {
                (Some(step), _) => steps.push(step.clone()),
                (None, value) => inputs.extend(value.clone()),
            }
        }
        let (taken, theirs) = (self.taken.len() as u32, subject.inputs.len() as u32);
        let mine = inputs.len() as u32;
        inputs.extend(subject.inputs.iter().skip(self.taken.len()).cloned());
        let (mut of_inputs, mut of_steps) = (0..mine, inputs.len() as u32..);
        let places: Vec<u32> = self
            .nodes
            .iter()
            .map(|node| if node.step.is_some() { of_steps.next() } else { of_inputs.next() })
            .map(|place| place.expect("each node has its register"))
            .collect();
        steps.iter_mut().for_each(|step| step.renumber(|r| places[r as usize]));
        let after = (inputs.len() + steps.len()) as u32;
        let other = |r: u32| match r {
            r if r < taken => places[self.taken[r as usize] as usize],
            r if r < theirs => mine + r - taken,
            r => after + (r - theirs),
        };
        steps.extend(subject.steps.iter().cloned().map(|mut step| {
            step.renumber(&other);
            step
        }));
        let known = self.nodes.iter().zip(&places).filter(|(node, _)| node.value.is_some()).map(|(_, place)| *place);
        let returns = known.chain(subject.returns.iter().map(|r| other(*r))).collect();
        Program { inputs, steps, returns }
    }

    /// The note of a counterexample, which names the calls of the chain.
    pub fn note(&self) -> String {
        let names: Vec<&str> = self.nodes.iter().filter_map(|node| node.step.as_ref()).map(|step| step.function.as_str()).collect();
        format!("only seen after {}", names.join(", "))
    }
}
