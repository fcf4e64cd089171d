//! The origin of a crash: the call alone, the call together with earlier ones, or an earlier call that damages the memory.

use array_assay_format::{Cause, Check, Counterexample};
use array_assay_interface::Program;

use super::subject::Subject;
use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::gate::Baseline;
use crate::judge::Demand;
use crate::snippet::{self, Language};

/// The greatest number of crashes of a function that are traced. Each takes some twenty processes if the call alone does not crash.
const MOST: usize = 2;

/// What glibc's allocator checks, and fills with a pattern, so that damage shows at once. Other systems ignore these variables.
const CHECKS: [(&str, &str); 3] = [("LD_PRELOAD", "libc_malloc_debug.so.0"), ("MALLOC_CHECK_", "3"), ("MALLOC_PERTURB_", "165")];

/// The origin of a crash.
#[derive(Debug, Clone, PartialEq)]
enum Origin {
    /// The call alone, in a fresh process.
    Alone,
    /// One call alone, where the allocator checks itself: the call in question, or an earlier one that damages the memory.
    Damaging(Program),
    /// The call after others, as one program. The number of the others.
    After(Program, usize),
    /// The call after so many others of its function, each a program of its own. As one program they do not bring it about.
    AfterOthers(usize),
    /// Nothing that was tried.
    Unknown,
}

/// Finds the origin of each crash that the baseline does not excuse, and writes it into the counterexample.
pub(super) fn trace(
    subject: &dyn Subject<'_>,
    supervisor: &mut Supervisor,
    (known, language): (&Baseline, &Language),
    checks: &mut [Check],
) -> Result<(), StartError> {
    let mut traced = 0;
    for check in checks {
        let id = check.id.clone();
        for cell in check.cells.iter_mut().filter(|cell| cell.cause == Some(Cause::Crashed)) {
            if traced == MOST || known.covers(&id, cell) {
                continue;
            }
            let Some(example) = &mut cell.counterexample else { continue };
            traced += 1;
            let programs =
                (0..subject.blocks()).filter_map(|n| subject.block(n)).flat_map(|(_, block)| block.programs().collect::<Vec<_>>());
            let before: Vec<Program> = programs.take_while(|program| !is_same_call(program, &example.program)).collect();
            let origin = origin(supervisor, before, &example.program)?;
            tell(example, origin, language);
        }
    }
    Ok(())
}

/// Whether two programs make the same calls on the same inputs. They may return other registers.
fn is_same_call(a: &Program, b: &Program) -> bool {
    (&a.inputs, &a.steps) == (&b.inputs, &b.steps)
}

/// Writes the origin of a crash into its counterexample.
fn tell(example: &mut Counterexample, origin: Origin, language: &Language) {
    let (program, note) = match origin {
        Origin::Alone => return,
        Origin::Damaging(program) if is_same_call(&program, &example.program) => {
            (None, format!("the call alone ends only a process whose allocator checks itself ({})", checks()))
        }
        Origin::Damaging(program) => {
            let calls: Vec<&str> = program.steps.iter().map(|step| step.function.as_str()).collect();
            let note =
                format!("an earlier call, of {}, damages the memory; the script makes that call and needs {}", calls.join(", "), checks());
            (Some(program), note)
        }
        Origin::After(program, others) => {
            (Some(program), format!("only after {others} other calls of the function, which the script makes"))
        }
        Origin::AfterOthers(others) => (None, format!("only after {others} other calls of the function in the same process")),
        Origin::Unknown => (None, "neither the call alone nor the calls before it end a fresh process".to_owned()),
    };
    if let Some(program) = program {
        example.snippet = snippet::snippet(language, &program, &Demand::Result, &example.expected);
        example.step = program.steps.len().checked_sub(1).map(|step| step as u32);
        example.program = program;
    }
    example.note = Some(example.note.take().map_or(note.clone(), |old| format!("{old}; {note}")));
}

/// The variables of [`CHECKS`], as a shell takes them.
fn checks() -> String {
    CHECKS.map(|(name, value)| format!("{name}={value}")).join(" ")
}

/// Finds the origin of a crash in `program`. `before` are the programs that ran before it, in order.
fn origin(supervisor: &mut Supervisor, before: Vec<Program>, program: &Program) -> Result<Origin, StartError> {
    if supervisor.ends(std::slice::from_ref(program))? {
        return Ok(Origin::Alone);
    }
    let mut all = before;
    all.push(program.clone());
    if let Some(damaging) = damaging(&mut supervisor.beside(&CHECKS), &all)? {
        return Ok(Origin::Damaging(damaging));
    }
    if !supervisor.ends(&all)? {
        return Ok(Origin::Unknown);
    }
    let needed = shortest_end(all, |programs| supervisor.ends(programs))?;
    let joined = joined(&needed);
    let others = needed.len() - 1;
    Ok(if supervisor.ends(std::slice::from_ref(&joined))? { Origin::After(joined, others) } else { Origin::AfterOthers(others) })
}

/// The program that damages the memory of a process that checks it, among those that run one after the other. `None` if that process ends at
/// none of them, or if none ends it alone.
fn damaging(supervisor: &mut Supervisor, programs: &[Program]) -> Result<Option<Program>, StartError> {
    if !supervisor.ends(programs)? {
        return Ok(None);
    }
    // The first `shown` programs end the process, the first `hidden` do not.
    let (mut hidden, mut shown) = (0, programs.len());
    while shown - hidden > 1 {
        let middle = hidden + (shown - hidden) / 2;
        if supervisor.ends(&programs[..middle])? { shown = middle } else { hidden = middle }
    }
    // Damage may show only at the call after it.
    for program in programs[..shown].iter().rev().take(2) {
        if supervisor.ends(std::slice::from_ref(program))? {
            return Ok(Some(program.clone()));
        }
    }
    Ok(None)
}

/// The fewest of the programs that still crash, the last one among them: first the shortest part at the end of the sequence is found, then
/// programs are left out of that part.
fn shortest_end<E>(programs: Vec<Program>, mut ends: impl FnMut(&[Program]) -> Result<bool, E>) -> Result<Vec<Program>, E> {
    let (mut most, mut least) = (programs.len(), 1);
    while most - least > 1 {
        let middle = least + (most - least) / 2;
        if ends(&programs[programs.len() - middle..])? { most = middle } else { least = middle }
    }
    let mut needed = programs[programs.len() - most..].to_vec();
    let mut part = (needed.len() - 1).div_ceil(2);
    while part > 0 {
        let mut from = 0;
        while from < needed.len() - 1 {
            let to = (from + part).min(needed.len() - 1);
            let fewer = [&needed[..from], &needed[to..]].concat();
            if ends(&fewer)? { needed = fewer } else { from = to }
        }
        part /= 2;
    }
    Ok(needed)
}

/// One program that makes the calls of all programs in order. It returns what the last of them returns.
fn joined(programs: &[Program]) -> Program {
    let mut joined = Program { inputs: programs.iter().flat_map(|program| program.inputs.iter().cloned()).collect(), ..Program::default() };
    let inputs = joined.inputs.len() as u32;
    let mut before = 0;
    for program in programs {
        let (own, steps) = (program.inputs.len() as u32, joined.steps.len() as u32);
        let place = |register: u32| if register < own { before + register } else { inputs + steps + register - own };
        joined.steps.extend(program.steps.iter().cloned().map(|mut step| {
            step.renumber(place);
            step
        }));
        joined.returns = program.returns.iter().map(|register| place(*register)).collect();
        before += own;
    }
    joined
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{Arg, Array, DType, Element, Outcome, Role, Step, Value, run_program};

    use super::*;
    use crate::reference::Reference;

    /// A program that negates a number.
    fn negates(number: i128) -> Program {
        let step = Step { function: "negative".to_owned(), args: vec![Arg::Register(0)], kwargs: vec![], role: Role::Subject };
        let input = Array::from_elements(DType::Int64, vec![], [Element::Int(number)]);
        Program { inputs: vec![input], steps: vec![step], returns: vec![1] }
    }

    fn numbers(programs: &[Program]) -> Vec<i128> {
        programs.iter().map(|program| program.inputs[0].get(0).integer()).collect()
    }

    #[test]
    fn the_least_sequence_that_ends_a_process_is_found() {
        let all: Vec<Program> = (0..20).map(negates).collect();
        // It ends the process that 7 and 11 come before 19.
        let mut tries = 0;
        let needed = shortest_end(all, |programs| {
            tries += 1;
            let numbers = numbers(programs);
            Ok::<bool, ()>([7, 11, 19].iter().all(|n| numbers.contains(n)))
        });
        assert_eq!(numbers(&needed.unwrap()), [7, 11, 19]);
        assert!(tries < 40, "{tries}");
    }

    #[test]
    fn joined_programs_return_what_the_last_one_returns() {
        let programs: Vec<Program> = [3, 4, 5].map(negates).to_vec();
        let joined = joined(&programs);
        assert_eq!((joined.inputs.len(), joined.steps.len()), (3, 3));
        let outcome = run_program(&mut Reference::default(), &joined);
        let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
        assert!(matches!(&values[..], [Value::Array(array)] if array.get(0).integer() == -5), "{values:?}");
    }
}
