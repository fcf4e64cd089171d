//! Programs and their outcomes.

use serde::{Deserialize, Serialize};

use crate::{Array, Tree, Value};

/// A straight-line list of calls over registers. The inputs are registers `0..inputs.len()`; each step adds one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Program {
    /// Arrays that the worker creates from the host's bytes.
    pub inputs: Vec<Array>,
    /// The calls, in order.
    pub steps: Vec<Step>,
    /// The registers to hand back.
    pub returns: Vec<u32>,
}

/// Programs that differ in the elements of their inputs alone, as runs of one program.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The program itself for one run; for more, each of its inputs holds those of all runs along a first axis.
    pub program: Program,
    /// How many there are; not 0.
    pub runs: usize,
}

/// One call of a function of the standard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its path, such as `add`, `linalg.svd` or `operator.getitem`.
    pub function: String,
    /// Positional arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// Keyword arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kwargs: Vec<(String, Arg)>,
    /// What the step is there for.
    #[serde(default, skip_serializing_if = "Role::is_subject")]
    pub role: Role,
}

/// What a step is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It prepares an input (a layout): its failure blocks the case.
    Prepare,
    /// It is the call under test.
    #[default]
    Subject,
}

impl Role {
    fn is_subject(&self) -> bool {
        *self == Role::Subject
    }
}

/// An argument of a step: a value whose arrays are registers.
pub type Arg = Tree<Register>;

/// A register of a program, and so the value that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register(pub u32);

impl Arg {
    /// The value of a register.
    #[expect(non_snake_case, reason = "programs and published counterexamples have it as a variant")]
    pub const fn Register(register: u32) -> Arg {
        Tree::Array(Register(register))
    }

    /// The register, if it is one.
    pub fn register(&self) -> Option<u32> {
        self.leaf().map(|Register(register)| *register)
    }
}

/// What a worker returned for a program: its values, or the step that failed with the returns made before it.
///
/// `step` is `None` where an input could not be created or a result not be handed back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Outcome {
    /// The returned registers, in the order asked for.
    Values(Vec<Value>),
    /// The values of several runs of a block, in order: arrays (or array scalars) that hold those of all runs along a first axis.
    Joined { runs: usize, values: Vec<Value> },
    /// The library has no function of that name.
    Missing {
        name: String,
        step: Option<u32>,
        #[serde(default)]
        values: Vec<Value>,
    },
    /// The library declared that it lacks a capability of the spec's closed list.
    Unsupported {
        capability: String,
        step: Option<u32>,
        #[serde(default)]
        values: Vec<Value>,
    },
    /// The call raised.
    Raised {
        exception: Exception,
        step: Option<u32>,
        #[serde(default)]
        values: Vec<Value>,
    },
}

/// An exception, panic or error of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its type, such as `TypeError`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The classes from which its type derives; none if the language has no such.
    #[serde(default)]
    pub bases: Vec<String>,
    /// Its message.
    pub message: String,
    /// The traceback, if the language has one.
    #[serde(default)]
    pub traceback: String,
}

impl Exception {
    /// Of a type that derives from no other, without a traceback.
    pub fn new(type_name: impl Into<String>, message: impl Into<String>) -> Exception {
        Exception { type_name: type_name.into(), bases: Vec::new(), message: message.into(), traceback: String::new() }
    }

    /// Whether it is of a class or of one that derives from it; none where another language's type may stand for that.
    pub fn is(&self, class: &str) -> Option<bool> {
        let is = self.type_name == class || self.bases.iter().any(|base| base == class);
        (is || !self.bases.is_empty()).then_some(is)
    }
}

impl Step {
    /// All its arguments, those by position first.
    pub fn arguments(&self) -> impl Iterator<Item = &Arg> {
        self.args.iter().chain(self.kwargs.iter().map(|(_, arg)| arg))
    }

    /// The registers among its arguments.
    pub fn registers(&self) -> impl Iterator<Item = u32> {
        self.arguments().flat_map(Arg::leaves).map(|Register(register)| *register)
    }

    /// Puts other registers in the place of those among its arguments.
    pub fn renumber(&mut self, mut map: impl FnMut(u32) -> u32) {
        let arguments = self.args.iter_mut().chain(self.kwargs.iter_mut().map(|(_, arg)| arg));
        arguments.flat_map(Arg::leaves_mut).for_each(|Register(register)| *register = map(*register));
    }
}

impl Program {
    /// Number of registers once all steps ran.
    pub fn registers(&self) -> usize {
        self.inputs.len() + self.steps.len()
    }

    /// The step that makes register `register`, if it is not an input.
    pub fn step_of(&self, register: u32) -> Option<&Step> {
        (register as usize).checked_sub(self.inputs.len()).and_then(|i| self.steps.get(i))
    }
}

impl From<Program> for Block {
    fn from(program: Program) -> Block {
        Block { program, runs: 1 }
    }
}

impl Block {
    /// Its programs, in order.
    pub fn programs(&self) -> impl Iterator<Item = Program> + '_ {
        (0..self.runs).map(|run| self.program(run))
    }

    /// The program of one run.
    pub fn program(&self, run: usize) -> Program {
        if self.runs == 1 {
            return self.program.clone();
        }
        let inputs = self.program.inputs.iter().map(|input| input.along_first_axis(run)).collect();
        Program { inputs, steps: self.program.steps.clone(), returns: self.program.returns.clone() }
    }
}

impl Outcome {
    /// How many programs it answers.
    pub fn runs(&self) -> usize {
        match self {
            Outcome::Joined { runs, .. } => *runs,
            _ => 1,
        }
    }

    /// Whether what is joined, if anything is, are arrays that hold those of all runs.
    pub fn is_consistent(&self) -> bool {
        let Outcome::Joined { runs, values } = self else { return true };
        values.iter().all(|value| match value {
            Value::Array(array) | Value::ArrayScalar { array, .. } => array.shape.first() == Some(runs),
            _ => false,
        })
    }

    /// The outcomes of single programs, of one that is consistent.
    pub fn split(self) -> Vec<Outcome> {
        let Outcome::Joined { runs, values } = self else { return vec![self] };
        let of_run = |run: usize, value: &Value| match value {
            Value::ArrayScalar { type_name, array } => {
                Value::ArrayScalar { type_name: type_name.clone(), array: array.along_first_axis(run) }
            }
            Value::Array(array) => Value::Array(array.along_first_axis(run)),
            other => other.clone(),
        };
        (0..runs).map(|run| Outcome::Values(values.iter().map(|value| of_run(run, value)).collect())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DType, Element};

    fn stacked(values: &[i128], shape: &[usize]) -> Array {
        Array::from_elements(DType::Int16, shape.to_vec(), values.iter().map(|v| Element::Int(*v)))
    }

    #[test]
    fn a_block_is_its_programs() {
        let program = Program { inputs: vec![stacked(&[1, 2, 3, 4], &[2, 2]), stacked(&[5, 6], &[2])], steps: vec![], returns: vec![0] };
        let inputs: Vec<Vec<Array>> = Block { program: program.clone(), runs: 2 }.programs().map(|p| p.inputs).collect();
        assert_eq!(inputs, [[stacked(&[1, 2], &[2]), stacked(&[5], &[])], [stacked(&[3, 4], &[2]), stacked(&[6], &[])]]);
        assert_eq!(Block::from(program.clone()).programs().collect::<Vec<_>>(), [program]);
    }

    #[test]
    fn joined_outcomes_come_apart_where_they_hold_all_runs() {
        let joined = |array| Outcome::Joined { runs: 2, values: vec![Value::Array(array)] };
        let one = |v| Outcome::Values(vec![Value::Array(stacked(&[v], &[1]))]);
        let whole = joined(stacked(&[1, 2], &[2, 1]));
        assert!(whole.is_consistent());
        assert_eq!(whole.split(), [one(1), one(2)]);
        assert!(!joined(stacked(&[1, 2, 3], &[3])).is_consistent());
        assert!(!Outcome::Joined { runs: 2, values: vec![Value::None] }.is_consistent());
    }
}
