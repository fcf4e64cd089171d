//! What the operating system says of processes, and how they are ended.

use std::io;
use std::process::Child;
use std::time::Duration;

/// What the system says of a process: its state and its processor time.
#[derive(Debug, Clone, Copy)]
pub struct CpuTime {
    /// The letter of the process's state.
    pub state: u8,
    /// The processor time that the process has used, in hundredths of a second (`USER_HZ`).
    ticks: u64,
}

impl CpuTime {
    /// The state of a process. `None` if the system does not say.
    pub fn of(id: u32) -> Option<CpuTime> {
        Stat::of(id).map(|stat| stat.cpu)
    }

    /// The processor time used since `before`.
    pub fn since(self, before: CpuTime) -> Duration {
        Duration::from_millis(10 * self.ticks.saturating_sub(before.ticks))
    }
}

/// The time that the threads of the process `id` have run so far. `None` if the system does not say.
pub fn time_run(id: u32) -> Option<Duration> {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).ok()?;
    let run = |task: std::fs::DirEntry| -> Option<u64> {
        // A thread may end meanwhile. The first number are nanoseconds on a processor.
        let statistics = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        statistics.split_whitespace().next()?.parse().ok()
    };
    let times: Vec<u64> = tasks.flatten().filter_map(run).collect();
    (!times.is_empty()).then(|| Duration::from_nanos(times.iter().sum()))
}

/// A line of `/proc/ID/stat`.
struct Stat {
    cpu: CpuTime,
    group: u32,
    /// The resident size in pages.
    pages: u64,
}

impl Stat {
    fn of(id: u32) -> Option<Stat> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name of the program, in brackets, may contain any characters.
        let fields: Vec<&str> = stat.get(stat.rfind(')')? + 1..)?.split_whitespace().collect();
        let number = |i: usize| fields.get(i)?.parse::<u64>().ok();
        let cpu = CpuTime { state: *fields.first()?.as_bytes().first()?, ticks: number(11)? + number(12)? };
        Some(Stat { cpu, group: u32::try_from(number(2)?).ok()?, pages: number(21)? })
    }
}

/// The ids of all processes. Empty if the system does not say.
fn processes() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The memory of the process `id` in bytes, and of its group if that is more than `limit`. Pages that processes share count once.
/// `None` if the system does not say.
pub fn memory(id: u32, limit: u64) -> Option<u64> {
    const PAGE: u64 = 4096;
    let own = Stat::of(id)?.pages * PAGE;
    if own > limit {
        return Some(own);
    }
    let members: Vec<(u32, u64)> = processes()
        .into_iter()
        .filter_map(|member| Stat::of(member).filter(|stat| stat.group == id).map(|stat| (member, stat.pages)))
        .collect();
    let sum = members.iter().map(|(_, pages)| pages * PAGE).sum::<u64>();
    if members.len() < 2 || sum <= limit {
        return Some(sum.max(own));
    }
    // The processes of a group share pages, which the sum counts several times. To look them up takes longer.
    Some(members.iter().map(|(member, pages)| proportional(*member).unwrap_or(pages * PAGE)).sum())
}

/// The size of a process in which shared pages count in parts.
fn proportional(id: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

/// Ends every process of a group, and those that left it.
#[cfg(unix)]
pub(crate) fn end(id: u32, mark: &str) {
    end_group(id);
    let mark = format!("{}={mark}", crate::MARK);
    let has_mark = |id: u32| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    };
    // A process may start another one while it is looked for.
    for _ in 0..10 {
        let strays: Vec<u32> = processes().into_iter().filter(|stray| *stray != id && has_mark(*stray)).collect();
        let alive: Vec<u32> = strays.into_iter().filter(|stray| Stat::of(*stray).is_some_and(|stat| stat.cpu.state != b'Z')).collect();
        if alive.is_empty() {
            return;
        }
        for stray in alive {
            if let Some(stray) = i32::try_from(stray).ok().and_then(rustix::process::Pid::from_raw) {
                let _ = rustix::process::kill_process(stray, rustix::process::Signal::KILL);
            }
        }
    }
}

#[cfg(unix)]
fn end_group(id: u32) {
    if let Some(group) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// Ends the tree of a process.
#[cfg(not(unix))]
pub(crate) fn end(id: u32, _mark: &str) {
    let _ = std::process::Command::new("taskkill").args(["/F", "/T", "/PID", &id.to_string()]).output();
}

/// Whether a process is stopped by a signal.
#[cfg(unix)]
pub fn is_stopped(id: u32) -> bool {
    if let Some(cpu) = CpuTime::of(id) {
        return cpu.state == b'T';
    }
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    id.is_some_and(|id| matches!(waitid(WaitId::Pid(id), options), Ok(Some(status)) if status.stopped()))
}

/// Whether a process is stopped by a signal. The system has no such state.
#[cfg(not(unix))]
pub fn is_stopped(_id: u32) -> bool {
    false
}

/// Whether a child has ended. It is not reaped, so that its id stays its own.
#[cfg(unix)]
pub(crate) fn has_exited(child: &mut Child) -> io::Result<bool> {
    exited(child, rustix::process::WaitIdOptions::NOHANG)
}

/// Waits until a child ends. It is not reaped.
#[cfg(unix)]
pub(crate) fn wait_for_exit(child: &mut Child) -> io::Result<()> {
    exited(child, rustix::process::WaitIdOptions::empty()).map(|_| ())
}

#[cfg(unix)]
fn exited(child: &Child, how: rustix::process::WaitIdOptions) -> io::Result<bool> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let Some(id) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return Ok(true) };
    loop {
        match waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | how) {
            Ok(status) => return Ok(status.is_some()),
            Err(error) if error == rustix::io::Errno::INTR => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn has_exited(child: &mut Child) -> io::Result<bool> {
    child.try_wait().map(|status| status.is_some())
}

#[cfg(not(unix))]
pub(crate) fn wait_for_exit(child: &mut Child) -> io::Result<()> {
    child.wait().map(|_| ())
}
