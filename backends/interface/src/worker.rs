//! A worker process around a [`Backend`]. It reads frames, runs programs and writes outcomes.

use std::io::{BufReader, BufWriter, Read, Write, stdin, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::{
    Arg, Argument, Backend, CallError, Exception, FrameError, HostFrame, Identity, Outcome, Output, Program, Register, Value, WorkerFrame,
    read_frame, write_frame,
};

/// The greatest time between two frames of outcomes, so that the harness sees progress.
const FLUSH_INTERVAL: Duration = Duration::from_millis(50);

/// The number of bytes that are read or written at once.
const BUFFER: usize = 1 << 16;

/// Serves `backend` on the standard input and output. A worker program needs to do nothing else.
pub fn serve_stdio<B: Backend>(backend: B) -> Result<(), FrameError> {
    serve(backend, BufReader::with_capacity(BUFFER, stdin().lock()), BufWriter::with_capacity(BUFFER, stdout().lock()))
}

/// Serves `backend` until the harness sends `stop` or closes the stream.
pub fn serve<B: Backend>(backend: B, input: impl Read, output: impl Write) -> Result<(), FrameError> {
    // A panic of the library is an outcome. Its message is in the outcome and not on stderr.
    std::panic::set_hook(Box::new(|_| {}));
    answer(backend, input, output)
}

/// As [`serve`], but without a change of the process's panic hook. This fits a worker that shares its process.
pub fn answer<B: Backend>(mut backend: B, mut input: impl Read, mut output: impl Write) -> Result<(), FrameError> {
    while let Some(frame) = read_frame::<HostFrame>(&mut input)? {
        match frame {
            HostFrame::Hello { functions, .. } => {
                let identity = Identity { reads_blocks: true, ..backend.identity(&functions) };
                write_frame(&mut output, &WorkerFrame::Identity(Box::new(identity)))?;
            }
            HostFrame::Batch { id, programs } => {
                let (mut first, mut outcomes, mut flushed) = (0, Vec::new(), Instant::now());
                for program in &programs {
                    outcomes.push(run_program(&mut backend, program));
                    if flushed.elapsed() >= FLUSH_INTERVAL {
                        let count = outcomes.len() as u32;
                        write_frame(&mut output, &WorkerFrame::Outcomes { id, first, outcomes: std::mem::take(&mut outcomes) })?;
                        first += count;
                        flushed = Instant::now();
                    }
                }
                if !outcomes.is_empty() || programs.is_empty() {
                    write_frame(&mut output, &WorkerFrame::Outcomes { id, first, outcomes })?;
                }
            }
            HostFrame::Stop => break,
        }
    }
    Ok(())
}

/// Runs one program on `backend`.
pub fn run_program<B: Backend>(backend: &mut B, program: &Program) -> Outcome {
    let mut registers: Vec<Output<B::Array>> = Vec::with_capacity(program.registers());
    for input in &program.inputs {
        match guard(|| backend.from_host(input)) {
            Ok(array) => registers.push(Output::Array(array)),
            Err(error) => return failed(error, None, Vec::new()),
        }
    }
    for (i, step) in program.steps.iter().enumerate() {
        let args: Vec<_> = step.args.iter().map(|arg| resolve(arg, &registers)).collect();
        let kwargs: Vec<_> = step.kwargs.iter().map(|(name, arg)| (name.clone(), resolve(arg, &registers))).collect();
        match guard(|| backend.call(&step.function, &args, &kwargs)) {
            Ok(output) => registers.push(output),
            Err(error) => {
                let made = program.returns.iter().filter_map(|r| registers.get(*r as usize));
                let values = made.map_while(|output| hand_back(backend, output).ok()).collect();
                return failed(error, Some(i as u32), values);
            }
        }
    }
    let mut values = Vec::with_capacity(program.returns.len());
    for register in &program.returns {
        match hand_back(backend, &registers[*register as usize]) {
            Ok(value) => values.push(value),
            Err(error) => return failed(error, None, values),
        }
    }
    Outcome::Values(values)
}

fn resolve<'a, A>(arg: &Arg, registers: &'a [Output<A>]) -> Argument<'a, A> {
    arg.as_ref().bind(|Register(register)| registers[*register as usize].as_ref())
}

fn hand_back<B: Backend>(backend: &mut B, output: &Output<B::Array>) -> Result<Value, CallError> {
    output.handed_back(&mut |array| guard(|| backend.to_host(array)).map(Value::Array))
}

fn failed(error: CallError, step: Option<u32>, values: Vec<Value>) -> Outcome {
    match error {
        CallError::Missing(name) => Outcome::Missing { name, step, values },
        CallError::Unsupported(capability) => Outcome::Unsupported { capability, step, values },
        CallError::Raised(exception) => Outcome::Raised { exception, step, values },
    }
}

fn guard<T>(call: impl FnOnce() -> Result<T, CallError>) -> Result<T, CallError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let message =
            panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(CallError::Raised(Exception::new("panic", message)))
    })
}
