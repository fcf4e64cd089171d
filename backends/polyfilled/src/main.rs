//! The worker of the crate ndarray together with polyfills.
//!
//! With `origins`, it reads paths of functions, one a line, and says of each where the crate ndarray gets it from.

use std::error::Error;
use std::io::{BufRead, stdin};

use array_assay_interface::{Backend, serve_stdio};
use array_assay_namespace::{Origin, Polyfilled};
use array_assay_ndarray::{DEVIATING, Ndarray};

fn main() -> Result<(), Box<dyn Error>> {
    let polyfilled = Polyfilled::new(Ndarray).without(DEVIATING);
    match std::env::args().nth(1).as_deref() {
        None => serve_stdio(polyfilled)?,
        Some("origins") => {
            for path in stdin().lock().lines() {
                println!("{}", origin(&polyfilled, &path?));
            }
        }
        Some(other) => {
            return Err(format!("read `{other}`: without arguments this is a worker, `origins` is all that it knows besides").into());
        }
    }
    Ok(())
}

/// Where a function comes from, and `its own` where the crate ndarray names one, used or not; separated by a tab.
fn origin(polyfilled: &Polyfilled<Ndarray>, path: &str) -> String {
    let word = match polyfilled.origin(path) {
        Some(Origin::Native { completed: true }) => "native, completed",
        Some(Origin::Native { completed: false }) => "native",
        Some(Origin::Composed) => "composed",
        Some(Origin::Kernel) => "kernel",
        None => "out of reach",
    };
    let own = !Ndarray.identity(&[path.to_owned()]).functions.is_empty();
    format!("{word}\t{}", if own { "its own" } else { "" })
}
