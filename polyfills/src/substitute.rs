//! Rewrites programs for a library: calls of functions that it lacks become the steps of polyfills. Afterwards the results are put together
//! as if the library had the functions.

use array_assay_interface::{Arg, Array, DType, Exception, Outcome, Program, Step, Value};
use array_assay_spec::Spec;

use crate::fact::{ArrayFact, Fact};
use crate::infer::{Made, infer};
use crate::library::Library;
use crate::solve::{Plan, solve};
use crate::specialise::{Builder, Specialiser, Stop};

/// The polyfills for a library.
pub struct Substitution<'s> {
    spec: &'s Spec,
    library: Library,
    plan: Plan,
}

/// A program with polyfills in place of calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Substituted {
    /// The program that the library runs.
    pub program: Program,
    /// For each returned register of the given program, how its value is made from the values that come back.
    handed: Vec<(u32, Handed)>,
    /// For each step, the index of the step of the given program that it belongs to.
    origin: Vec<u32>,
    inputs: u32,
    /// If a polyfill has no steps for a call: the step of the given program, and the reason.
    stop: Option<(u32, Stop)>,
}

/// How a value is made.
#[derive(Debug, Clone, PartialEq)]
enum Handed {
    /// A value that the program returns.
    Returned(usize),
    /// A value that is known without the program.
    Static(Value),
    Tuple(Vec<Handed>),
    List(Vec<Handed>),
    Named(Vec<(String, Handed)>),
}

impl<'s> Substitution<'s> {
    /// For a library with the functions of `library.native`. It gets polyfills for the functions that it lacks, and for those of
    /// `library.replaced`.
    pub fn new(spec: &'s Spec, library: Library) -> Substitution<'s> {
        let plan = solve(spec, &library);
        Substitution { spec, library, plan }
    }

    /// The functions that get polyfills, and those that no polyfill can give the library.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    fn replaces(&self, path: &str) -> bool {
        !self.library.has(self.spec, path) && self.plan.is_polyfilled(path)
    }

    /// The program with polyfills. `None` if it calls no function that needs one.
    pub fn apply(&self, program: &Program) -> Option<Substituted> {
        if !program.steps.iter().any(|step| self.replaces(&step.function)) {
            return None;
        }
        let inputs = program.inputs.len() as u32;
        let mut facts: Vec<Fact> = program.inputs.iter().enumerate().map(|(i, array)| Fact::host(i as u32, array)).collect();
        let builder = Builder { first: inputs, steps: Vec::new(), role: Default::default() };
        let mut specialiser = Specialiser::new(self.spec, &self.library, builder);
        let (mut origin, mut stop) = (Vec::new(), None);
        for (i, step) in program.steps.iter().enumerate() {
            specialiser.builder.role = step.role;
            match self.step(&mut specialiser, step, &facts) {
                Ok(fact) => facts.push(sized(fact, step, &program.inputs)),
                Err(why) => {
                    // The steps before the failure do not matter.
                    specialiser.builder.steps.truncate(origin.len());
                    stop = Some((i as u32, why));
                    break;
                }
            }
            origin.resize(specialiser.builder.steps.len(), i as u32);
        }
        let mut returns = Vec::new();
        let asked = program.returns.iter().filter_map(|register| Some((*register, facts.get(*register as usize)?)));
        let handed = asked.map(|(register, fact)| (register, hand(fact, &mut returns))).collect();
        let program = Program { inputs: program.inputs.clone(), steps: specialiser.builder.steps, returns };
        Some(Substituted { program, handed, origin, inputs, stop })
    }

    fn step(&self, specialiser: &mut Specialiser<'s>, step: &Step, facts: &[Fact]) -> Result<Fact, Stop> {
        let args: Vec<Fact> = step.args.iter().map(|arg| fact_of(arg, facts)).collect();
        let kwargs: Vec<(String, Fact)> = step.kwargs.iter().map(|(name, arg)| (name.clone(), fact_of(arg, facts))).collect();
        if self.replaces(&step.function)
            && let Some(polyfill) = self.spec.polyfill(&step.function)
        {
            return specialiser.call_polyfill(polyfill, &args, &kwargs);
        }
        let no_argument = |fact: &Fact| {
            let message = format!("`{}` takes no {}", step.function, fact.kind());
            Stop::Raised { exception: "TypeError".to_owned(), message }
        };
        let passed = args.iter().map(|fact| fact.arg().ok_or_else(|| no_argument(fact))).collect::<Result<Vec<_>, _>>()?;
        let mut named = Vec::with_capacity(kwargs.len());
        for (name, fact) in &kwargs {
            named.push((name.clone(), fact.arg().ok_or_else(|| no_argument(fact))?));
        }
        let register = specialiser.builder.push(&step.function, passed, named);
        // An unknown fact may not matter. A polyfill that needs it reports that.
        Ok(match infer(self.spec, &self.library, &step.function, &args, &kwargs) {
            Ok(Made::Array(dtype, shape)) => Fact::Array(ArrayFact { register, dtype, shape }),
            _ => Fact::Opaque { register },
        })
    }
}

/// The fact with its unknown sizes filled in, if they follow from the elements of an input, such as a mask or repeats.
fn sized(fact: Fact, step: &Step, inputs: &[Array]) -> Fact {
    let Fact::Array(mut array) = fact else { return fact };
    let input = |arg: &Arg| if let Arg::Register(r) = arg { inputs.get(*r as usize) } else { None };
    let count = match (step.function.as_str(), step.args.as_slice()) {
        ("repeat", [_, repeats, ..]) => input(repeats).map(|repeats| repeats.elements().map(|e| e.integer()).sum::<i128>()),
        ("operator.getitem", [_, key]) => {
            let one = std::slice::from_ref(key);
            let items = if let Arg::Tuple(items) = key { items.as_slice() } else { one };
            let mask = items.iter().filter_map(input).find(|array| array.dtype == DType::Bool);
            mask.map(|mask| mask.elements().filter(|e| e.truth()).count() as i128)
        }
        _ => None,
    };
    let mut unknown = array.shape.iter_mut().filter(|size| size.is_none());
    if let (Some(size), None, Some(count)) = (unknown.next(), unknown.next(), count) {
        *size = usize::try_from(count).ok();
    }
    Fact::Array(array)
}

fn fact_of(arg: &Arg, facts: &[Fact]) -> Fact {
    let all = |items: &[Arg]| items.iter().map(|item| fact_of(item, facts)).collect();
    match arg {
        Arg::Register(register) => facts.get(*register as usize).cloned().unwrap_or(Fact::None),
        Arg::Scalar(scalar) => Fact::Scalar(*scalar),
        Arg::Str(text) => Fact::Str(text.clone()),
        Arg::Dtype(dtype) => Fact::Dtype(*dtype),
        Arg::Device(name) => Fact::Device(name.clone()),
        Arg::Slice(slice) => Fact::Slice(*slice),
        Arg::None => Fact::None,
        Arg::Ellipsis => Fact::Ellipsis,
        Arg::Tuple(items) => Fact::Tuple(all(items)),
        Arg::List(items) => Fact::List(all(items)),
    }
}

/// How a value is handed back. Adds the registers that it needs to `returns`.
fn hand(fact: &Fact, returns: &mut Vec<u32>) -> Handed {
    let mut register = |register: u32| {
        returns.push(register);
        Handed::Returned(returns.len() - 1)
    };
    match fact {
        Fact::Array(array) => register(array.register),
        Fact::Number { register: r } | Fact::Opaque { register: r } => register(*r),
        Fact::Tuple(items) => Handed::Tuple(items.iter().map(|item| hand(item, returns)).collect()),
        Fact::List(items) => Handed::List(items.iter().map(|item| hand(item, returns)).collect()),
        Fact::Object(fields) => Handed::Named(fields.iter().map(|(name, fact)| (name.clone(), hand(fact, returns))).collect()),
        Fact::Scalar(scalar) => Handed::Static(Value::Scalar(*scalar)),
        Fact::Str(text) => Handed::Static(Value::Str(text.clone())),
        Fact::Dtype(dtype) => Handed::Static(Value::Dtype(vec![dtype.name().to_owned()])),
        Fact::Device(name) => Handed::Static(Value::Device(vec![name.clone()])),
        Fact::None => Handed::Static(Value::None),
        Fact::Ellipsis | Fact::Slice(_) | Fact::Size { .. } => Handed::Static(Value::Opaque(fact.kind().to_owned())),
    }
}

impl Handed {
    /// Makes the value from the values that came back. `None` if one is missing.
    fn value(&self, returned: &[Option<Value>]) -> Option<Value> {
        let all = |items: &[Handed]| items.iter().map(|item| item.value(returned)).collect::<Option<Vec<_>>>();
        Some(match self {
            Handed::Returned(i) => returned.get(*i)?.clone()?,
            Handed::Static(value) => value.clone(),
            Handed::Tuple(items) => Value::Tuple(all(items)?),
            Handed::List(items) => Value::List(all(items)?),
            Handed::Named(fields) => {
                Value::NamedTuple(fields.iter().map(|(name, item)| Some((name.clone(), item.value(returned)?))).collect::<Option<_>>()?)
            }
        })
    }
}

impl Substituted {
    /// The outcome of the given program, made from the outcome of the rewritten program.
    pub fn outcome(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Values(values) => {
                let returned: Vec<Option<Value>> = values.into_iter().map(Some).collect();
                let whole = self.values(&returned);
                match &self.stop {
                    None => Outcome::Values(whole),
                    Some((step, stop)) => stopped(*step, stop, whole),
                }
            }
            // Rewritten programs are never part of a block.
            joined @ Outcome::Joined { .. } => joined,
            Outcome::Missing { name, step, values } => {
                Outcome::Missing { name, step: self.origin_of(step), values: self.made_before(step, values) }
            }
            Outcome::Unsupported { capability, step, values } => {
                Outcome::Unsupported { capability, step: self.origin_of(step), values: self.made_before(step, values) }
            }
            Outcome::Raised { exception, step, values } => {
                Outcome::Raised { exception, step: self.origin_of(step), values: self.made_before(step, values) }
            }
        }
    }

    fn values(&self, returned: &[Option<Value>]) -> Vec<Value> {
        self.handed.iter().filter_map(|(_, handed)| handed.value(returned)).collect()
    }

    fn origin_of(&self, step: Option<u32>) -> Option<u32> {
        step.and_then(|step| self.origin.get(step as usize).copied())
    }

    /// The values of returned registers that were made before a step failed.
    fn made_before(&self, step: Option<u32>, values: Vec<Value>) -> Vec<Value> {
        let Some(step) = step else { return Vec::new() };
        let made = |register: &u32| *register < self.inputs + step;
        let mut values = values.into_iter();
        let returned: Vec<Option<Value>> =
            self.program.returns.iter().map(|register| if made(register) { values.next() } else { None }).collect();
        let origin = self.origin_of(Some(step)).unwrap_or(0);
        let before = self.handed.iter().filter(|(register, _)| *register < self.inputs + origin);
        before.filter_map(|(_, handed)| handed.value(&returned)).collect()
    }
}

fn stopped(step: u32, stop: &Stop, values: Vec<Value>) -> Outcome {
    let raised = |type_name: &str, message: String| Outcome::Raised {
        exception: Exception::new(type_name, message),
        step: Some(step),
        values: values.clone(),
    };
    match stop {
        Stop::Fault(error) => raised("PolyfillFault", error.to_string()),
        Stop::Raised { exception, message } => raised(exception, message.clone()),
        Stop::Missing { name } => Outcome::Missing { name: name.clone(), step: Some(step), values },
    }
}
