//! Programs on a device other than the default one.

use array_assay_interface::{Arg, Outcome, Program, Role, Step};

use super::rewrite::{Rewrite, Rewritten};

/// Brings every input of a program to a device before it is used, by `asarray(x, device=...)`.
#[derive(Debug, Clone)]
pub(super) struct OnDevice(pub String);

impl Rewrite for OnDevice {
    fn rewritten(&self, program: &Program) -> Option<Rewritten> {
        let inputs = program.inputs.len() as u32;
        if inputs == 0 {
            return None;
        }
        let device = || Arg::Device(self.0.clone());
        let moved = |input: u32| Step {
            function: "asarray".to_owned(),
            args: vec![Arg::Register(input)],
            kwargs: vec![("device".to_owned(), device())],
            role: Role::Prepare,
        };
        // A moved input takes the place of the input, so every register comes that much later.
        let mut steps: Vec<Step> = (0..inputs).map(moved).collect();
        steps.extend(program.steps.iter().cloned().map(|mut step| {
            let kwargs = step.kwargs.iter_mut().map(|(_, arg)| arg);
            step.args.iter_mut().chain(kwargs).flat_map(Arg::leaves_mut).for_each(|register| register.0 += inputs);
            step
        }));
        let returns = program.returns.iter().map(|register| register + inputs).collect();
        let outcome = move |outcome| own_steps(outcome, inputs);
        Some(Rewritten { program: Program { inputs: program.inputs.clone(), steps, returns }, outcome: Box::new(outcome) })
    }
}

/// The outcome with the steps of the original program. One before it belongs to no step: an input could not be brought to the device.
fn own_steps(outcome: Outcome, moves: u32) -> Outcome {
    let own = |step: Option<u32>| step.and_then(|step| step.checked_sub(moves));
    match outcome {
        Outcome::Missing { name, step, values } => Outcome::Missing { name, step: own(step), values },
        Outcome::Unsupported { capability, step, values } => Outcome::Unsupported { capability, step: own(step), values },
        Outcome::Raised { exception, step, values } => Outcome::Raised { exception, step: own(step), values },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{Array, DType, Element, Exception};

    use super::*;

    #[test]
    fn inputs_are_moved_and_everything_else_comes_later() {
        let input = || Array::from_elements(DType::Float64, vec![1], [Element::F64(1.0)]);
        let step = |function: &str, args: Vec<Arg>| Step { function: function.to_owned(), args, kwargs: Vec::new(), role: Role::Subject };
        let sum = step("add", vec![Arg::Register(0), Arg::Tuple(vec![Arg::Register(1)])]);
        let program =
            Program { inputs: vec![input(), input()], steps: vec![sum, step("abs", vec![Arg::Register(2)])], returns: vec![3, 0] };
        let Rewritten { program, outcome } = OnDevice("gpu:1".to_owned()).rewritten(&program).unwrap();
        assert_eq!(program.steps.iter().map(|step| step.function.as_str()).collect::<Vec<_>>(), ["asarray", "asarray", "add", "abs"]);
        assert_eq!(program.steps[1].kwargs, [("device".to_owned(), Arg::Device("gpu:1".to_owned()))]);
        assert_eq!(program.steps[2].args, [Arg::Register(2), Arg::Tuple(vec![Arg::Register(3)])]);
        assert_eq!((program.steps[3].args.clone(), program.returns), (vec![Arg::Register(4)], vec![5, 2]));
        let raised = |step| Outcome::Raised { exception: Exception::new("E", "no"), step: Some(step), values: Vec::new() };
        let step_of = |outcome: Outcome| if let Outcome::Raised { step, .. } = outcome { step } else { Some(9) };
        assert_eq!((step_of(outcome(raised(2))), step_of(outcome(raised(1)))), (Some(0), None));
        let alone = Program { inputs: Vec::new(), steps: Vec::new(), returns: Vec::new() };
        assert!(OnDevice("gpu:1".to_owned()).rewritten(&alone).is_none());
    }
}
