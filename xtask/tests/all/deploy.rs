//! The files of `deploy/`: a run in shards on a cluster is the run on one machine.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command_line::{folder, run};

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy");

/// The calls that are made, and the number of shards.
const SELECT: [&str; 4] = ["--select=elementwise/log*", "--select=statistical/*", "--cases=20", "--seed=3"];
const SHARDS: usize = 16;

/// Slurm on this machine alone: one node, on the loopback device, for as long as this value lives.
struct Slurm {
    configuration: PathBuf,
    daemons: Vec<Child>,
}

impl Slurm {
    /// Starts it. An error says why it does not run here.
    fn start(dir: &Path) -> Result<Slurm, String> {
        let said = |program: &str, argument: &str| {
            let output = Command::new(program).arg(argument).output().map_err(|_| format!("{program} is not installed"))?;
            Ok::<String, String>(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        said("slurmctld", "-V")?;
        said("slurmd", "-V")?;
        let (user, host) = (said("id", "-un")?, said("hostname", "-s")?);
        // Both are free while the listeners live; the daemons start right after.
        let ports: Vec<u16> = {
            let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
            listeners.iter().map(|listener| listener.local_addr().expect("its address").port()).collect()
        };
        let dir_name = dir.display();
        let mut text = String::new();
        for line in [
            "ClusterName=test".to_owned(),
            format!("SlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={}\nSlurmdPort={}", ports[0], ports[1]),
            "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny".to_owned(),
            "AuthType=auth/none\nCredType=cred/none".to_owned(),
            format!("SlurmUser={user}\nSlurmdUser={user}"),
            format!("StateSaveLocation={dir_name}/state\nSlurmdSpoolDir={dir_name}/spool"),
            format!("SlurmctldPidFile={dir_name}/slurmctld.pid\nSlurmdPidFile={dir_name}/slurmd.pid"),
            "ProctrackType=proctrack/pgid\nTaskPlugin=task/none\nMpiDefault=none\nSwitchType=switch/none".to_owned(),
            "SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU".to_owned(),
            "ReturnToService=2\nSlurmdParameters=config_overrides".to_owned(),
            format!("NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN"),
            "PartitionName=all Nodes=ALL Default=YES State=UP".to_owned(),
        ] {
            writeln!(text, "{line}").expect("a string takes all");
        }
        for name in ["state", "spool"] {
            fs::create_dir_all(dir.join(name)).map_err(|error| error.to_string())?;
        }
        let configuration = dir.join("slurm.conf");
        fs::write(&configuration, text).map_err(|error| error.to_string())?;
        let mut slurm = Slurm { configuration, daemons: Vec::new() };
        for program in ["slurmctld", "slurmd"] {
            let log = fs::File::create(dir.join(format!("{program}.log"))).map_err(|error| error.to_string())?;
            let daemon = slurm.command(program).arg("-D").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
            slurm.daemons.push(daemon.map_err(|error| error.to_string())?);
        }
        let began = Instant::now();
        loop {
            let output = slurm.command("sinfo").args(["--noheader", "--format=%T"]).output().map_err(|error| error.to_string())?;
            if String::from_utf8_lossy(&output.stdout).contains("idle") {
                return Ok(slurm);
            }
            if began.elapsed() > Duration::from_secs(60) {
                let log = fs::read_to_string(dir.join("slurmd.log")).unwrap_or_default();
                return Err(format!("its node is not ready after a minute: {log}"));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", &self.configuration);
        command
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        for daemon in &mut self.daemons {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

/// The lines of a results file without the footer, which has the times.
fn records(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().filter(|line| !line.contains("\"wall_s\"")).map(str::to_owned).collect()
}

#[test]
fn sixteen_shards_on_slurm_are_the_run() {
    let dir = folder();
    let dir = dir.path();
    let slurm = match Slurm::start(&dir.join("slurm")) {
        Ok(slurm) => slurm,
        Err(why) => return eprintln!("skipped, since Slurm does not run here: {why}"),
    };
    let programs = dir.join("bin");
    fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_array-assay"), programs.join("array-assay")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut sbatch = slurm.command("sbatch");
    sbatch.env("PATH", path).env("XDG_CACHE_HOME", dir).env_remove("CARGO_MANIFEST_DIR").current_dir(dir);
    sbatch.args(["--wait", &format!("--array=1-{SHARDS}"), &format!("{DEPLOY}/slurm.sh"), "reference", "results"]).args(SELECT);
    let output = sbatch.output().unwrap();
    let said = |shard: usize| fs::read_to_string(dir.join(format!("shard-{shard}.log"))).unwrap_or_default();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stderr), said(1));
    drop(slurm);

    run(dir, &[&["conform", "reference", "--out=whole"], SELECT.as_slice()].concat()).exits(0);
    run(dir, &["merge", "results", "--out=merged.jsonl"]).exits(0);
    let whole = records(&dir.join("whole/reference/results.jsonl"));
    assert!(whole.len() > SHARDS, "{}", whole.len());
    assert_eq!(records(&dir.join("merged.jsonl")), whole);

    // A shard that died is named with the command that runs it again, and that command mends the run.
    fs::remove_dir_all(dir.join("results/shard-7")).unwrap();
    let merge = run(dir, &["merge", "results", "--out=merged.jsonl"]);
    let again = merge.err.lines().find_map(|line| line.trim().strip_prefix("array-assay ")).expect("a command").to_owned();
    merge.fails(2, "1 of 16 missing: 7");
    let words: Vec<&str> = again.split(' ').map(|word| word.trim_matches('\'')).chain(["--out=results/shard-7"]).collect();
    run(dir, &words).exits(0);
    run(dir, &["merge", "results", "--out=merged.jsonl"]).exits(0);
    assert_eq!(records(&dir.join("merged.jsonl")), whole);
}

#[test]
fn the_files_for_kubernetes_fulfil_its_schemas() {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let python =
        array_assay_python::tools("kubernetes", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let validate = |file: &Path| {
        let mut command = Command::new(&python);
        command.args(["-m", "kubernetes_validate", "--strict"]).arg(file).stdin(Stdio::null());
        let output = command.output().unwrap();
        (output.status.success(), [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat())
    };
    for name in ["kubernetes.yaml", "kubernetes-merge.yaml"] {
        let file = Path::new(DEPLOY).join(name);
        let (valid, said) = validate(&file);
        assert!(valid, "{said}");
        let dir = folder();
        let broken = dir.path().join(name);
        fs::write(&broken, fs::read_to_string(&file).unwrap().replace("restartPolicy: Never", "restartPolice: Never")).unwrap();
        assert!(!validate(&broken).0, "a misspelt key passes");
    }
}
