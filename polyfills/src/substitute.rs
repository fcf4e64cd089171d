//! Rewrites programs for a library: calls of functions that it lacks become the steps of polyfills. Afterwards the results are put together
//! as if the library had the functions.

use array_assay_interface::{
    Arg, Array, DType, Defaults, Exception, Identity, Outcome, Parameter, Presence, Program, REPRESENTATION, Record, Register, Step, Tree,
    Value,
};
use array_assay_spec::{Function, Spec};

use crate::fact::{ArrayFact, Ask, Fact, Known};
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

/// How a value of the original program is put together again from the values that the rewritten program returns.
type Handed = Tree<Returned, Record>;

/// What stands for a value that the program makes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Returned {
    /// The value at this place among those that the program returns.
    At(usize),
    /// Nothing: the program does not make it. The text says what it would be.
    Never(&'static str),
}

impl<'s> Substitution<'s> {
    /// For a library with the functions of `library.native`. It gets polyfills for the functions that it lacks, and for those of
    /// `library.replaced`.
    pub fn new(spec: &'s Spec, library: Library) -> Substitution<'s> {
        let plan = solve(spec, &library);
        Substitution { spec, library, plan }
    }

    /// For a library that says of itself which functions it has. Updates `identity`, so that the library seems to have the polyfilled
    /// functions. A gap of the standard always gets its polyfill, even if the library has a function of its own for it, so that whoever
    /// calls it meets the polyfill.
    pub fn completing(spec: &'s Spec, identity: &mut Identity) -> Substitution<'s> {
        let library = Library {
            native: Some(identity.functions.keys().cloned().collect()),
            replaced: spec.gaps.iter().map(|gap| gap.function.path()).collect(),
            defaults: Defaults::named(&identity.default_dtypes),
        };
        let substitution = Substitution::new(spec, library);
        for gap in &spec.gaps {
            identity.functions.remove(&gap.function.path());
        }
        for polyfilled in &substitution.plan.polyfilled {
            if let Some(function) = spec.at_path(&polyfilled.path) {
                identity.functions.insert(polyfilled.path.clone(), Presence { signature: Some(signature(function)) });
            }
        }
        substitution
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
        if let (true, [Fact::Array(Known::Array(array))]) = (step.function.starts_with(REPRESENTATION), &args[..]) {
            return Ok(ArrayFact { register, ..array.clone() }.into());
        }
        // An unknown fact may not matter. A polyfill that needs it reports that.
        Ok(match infer(self.spec, &self.library, &step.function, &args, &kwargs) {
            Ok(Made::Array(dtype, shape)) => ArrayFact { register, dtype, shape }.into(),
            _ => Known::Opaque { register }.into(),
        })
    }
}

/// The signature of a function, which is also that of its polyfill.
fn signature(function: &Function) -> Vec<Parameter> {
    let parameters = function.signature.parameters.iter();
    parameters.map(|p| Parameter { name: p.name.clone(), kind: p.kind, default: p.default.clone() }).collect()
}

/// The fact with its unknown sizes filled in, if they follow from the elements of an input, such as a mask or repeats.
fn sized(fact: Fact, step: &Step, inputs: &[Array]) -> Fact {
    let Fact::Array(Known::Array(mut array)) = fact else { return fact };
    let input = |arg: &Arg| arg.register().and_then(|register| inputs.get(register as usize));
    let count = match (step.function.as_str(), step.args.as_slice()) {
        ("repeat", [_, repeats, ..]) => input(repeats).map(|repeats| repeats.elements().map(|e| e.integer()).sum::<i128>()),
        ("operator.getitem", [_, key]) => {
            let mask = key.parts().iter().filter_map(input).find(|array| array.dtype == DType::Bool);
            mask.map(|mask| mask.elements().filter(|e| e.truth()).count() as i128)
        }
        _ => None,
    };
    let mut unknown = array.shape.iter_mut().filter(|size| size.is_none());
    if let (Some(size), None, Some(count)) = (unknown.next(), unknown.next(), count) {
        *size = usize::try_from(count).ok();
    }
    array.into()
}

fn fact_of(arg: &Arg, facts: &[Fact]) -> Fact {
    arg.as_ref().bind(|Register(register)| facts.get(*register as usize).cloned().unwrap_or(Fact::None))
}

/// How a value is handed back. Adds the registers that it needs to `returns`.
fn hand(fact: &Fact, returns: &mut Vec<u32>) -> Handed {
    fact.as_ref().map(|known| match known.register() {
        Some(Register(register)) => {
            returns.push(register);
            Returned::At(returns.len() - 1)
        }
        None => Returned::Never(known.kind()),
    })
}

/// Makes the value from the values that came back. `None` if one is missing.
fn value(handed: &Handed, returned: &[Option<Value>]) -> Option<Value> {
    let part = |part: &Returned| match part {
        Returned::At(i) => returned.get(*i).cloned().flatten().ok_or(()),
        Returned::Never(kind) => Ok(Value::Opaque((*kind).to_owned())),
    };
    handed.handed_back(&mut { part }).ok()
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
        self.handed.iter().filter_map(|(_, handed)| value(handed, returned)).collect()
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
        before.filter_map(|(_, handed)| value(handed, &returned)).collect()
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
