//! Shows the progress of a run: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use array_assay_harness::run::{Event, Progress};
use indicatif::{ProgressBar, ProgressStyle};

/// The progress display of one backend's run.
pub struct Display {
    backend: String,
    bar: Option<ProgressBar>,
    state: Mutex<State>,
}

struct State {
    began: Instant,
    said: Instant,
    done: usize,
    functions: usize,
    deviations: usize,
}

/// The time between two plain lines.
const INTERVAL: Duration = Duration::from_secs(10);

impl Display {
    /// A display for the backend of this name.
    pub fn new(backend: &str) -> Display {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{prefix:<18} [{bar:30}] {pos}/{len} functions, {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            bar.set_prefix(backend.to_owned());
            bar
        });
        let now = Instant::now();
        let state = State { began: now, said: now, done: 0, functions: 0, deviations: 0 };
        Display { backend: backend.to_owned(), bar, state: Mutex::new(state) }
    }

    /// Prints a line that stays above the bar.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| warn_line!("{}: {line}", self.backend)),
            None => warn_line!("{}: {line}", self.backend),
        }
    }
}

impl Progress for Display {
    fn event(&self, event: Event<'_>) {
        let Ok(mut state) = self.state.lock() else { return };
        match event {
            Event::Started { library, version, functions, .. } => {
                (state.began, state.functions) = (Instant::now(), functions);
                self.say(&format!("{library} {version}, {functions} functions"));
                if let Some(bar) = &self.bar {
                    bar.set_length(functions as u64);
                }
            }
            Event::Withdrawn { layout, why } => self.say(&format!("the layout `{layout}` is not used: {why}")),
            Event::Note(line) => self.say(line),
            Event::Function { deviations, calls, .. } => {
                state.done += 1;
                state.deviations += deviations;
                let rate = calls as f64 / state.began.elapsed().as_secs_f64().max(1e-3);
                let message = format!("{:.0} calls/s, {} checks deviate", rate, state.deviations);
                match &self.bar {
                    Some(bar) => {
                        bar.set_message(message);
                        bar.inc(1);
                        if state.done == state.functions {
                            bar.finish_and_clear();
                        }
                    }
                    None if state.said.elapsed() >= INTERVAL => {
                        state.said = Instant::now();
                        warn_line!("{}: {}/{} functions, {message}", self.backend, state.done, state.functions);
                    }
                    None => {}
                }
            }
        }
    }
}
