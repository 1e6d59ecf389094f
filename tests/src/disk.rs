//! Disks for tests, as root: a small one in memory that fills up, and an ext4 on a loop device whose power can be cut.
//!
//! A power cut is a copy of the backing image taken while the device sees no write: what the file system had not
//! written to the device by then (all that was not synced, for the most part) exists only in the page cache of the
//! mounted file system and is not in the copy. No sync is asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Whether this process may mount.
pub fn may_mount() -> bool {
    rustix::process::geteuid().is_root()
}

/// A mounted file system that is unmounted when dropped.
#[derive(Debug)]
pub struct Mounted {
    at: PathBuf,
    device: Option<String>,
}

impl Mounted {
    /// An empty file system in memory of this size.
    pub fn in_memory(at: &Path, mib: usize) -> Result<Self> {
        fs::create_dir_all(at)?;
        run("mount", &["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs", &text(at)])?;
        Ok(Self { at: at.to_owned(), device: None })
    }

    /// The file system in an image, on a loop device.
    pub fn image(image: &Path, at: &Path) -> Result<Self> {
        fs::create_dir_all(at)?;
        let device = run("losetup", &["--find", "--show", &text(image)])?.trim().to_owned();
        let mounted = Self { at: at.to_owned(), device: Some(device.clone()) };
        run("mount", &["-t", "ext4", &device, &text(at)])?;
        Ok(mounted)
    }

    /// Where it is mounted.
    pub fn at(&self) -> &Path {
        &self.at
    }

    /// Sectors written to the device so far, and requests under way.
    fn written(&self) -> Result<(u64, u64)> {
        let device = self.device.as_deref().context("not on a device")?;
        let name = device.trim_start_matches("/dev/");
        let stat = fs::read_to_string(format!("/sys/block/{name}/stat"))
            .context("cannot read the device's figures")?;
        let fields: Vec<u64> =
            stat.split_whitespace().filter_map(|field| field.parse().ok()).collect();
        ensure!(fields.len() > 8, "unexpected figures of {device}: {stat}");
        // Writes done and sectors written only grow, so their sum changes with any write.
        Ok((fields[4] + fields[6], fields[8]))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        for lazy in [false, true] {
            let at = text(&self.at);
            let arguments = if lazy { vec!["--lazy", at.as_str()] } else { vec![at.as_str()] };
            if run("umount", &arguments).is_ok() {
                break;
            }
        }
        if let Some(device) = &self.device
            && let Err(fault) = run("losetup", &["--detach", device])
        {
            eprintln!("cannot let go of {device}: {fault:#}");
        }
    }
}

/// Makes an image with an empty ext4 in it.
pub fn make_image(image: &Path, mib: u64) -> Result<()> {
    let file =
        fs::File::create(image).with_context(|| format!("cannot make {}", image.display()))?;
    file.set_len(mib << 20)?;
    run("mkfs.ext4", &["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", &text(image)])
        .map(drop)
}

/// Cuts the power: copies the image while its device sees no write. Whoever writes must be halted before.
pub fn cut_power(mounted: &Mounted, image: &Path, copy: &Path) -> Result<()> {
    let give_up = Instant::now() + Duration::from_secs(60);
    loop {
        let before = rest(mounted, give_up)?;
        run("cp", &["--sparse=always", "--", &text(image), &text(copy)])?;
        if mounted.written()? == (before, 0) {
            return Ok(());
        }
        ensure!(Instant::now() < give_up, "the device never rested for the time of a copy");
    }
}

/// Waits until the device has had no write for a moment; gives the figure that must not change.
fn rest(mounted: &Mounted, give_up: Instant) -> Result<u64> {
    loop {
        let (before, under_way) = mounted.written()?;
        std::thread::sleep(Duration::from_millis(10));
        if under_way == 0 && mounted.written()? == (before, 0) {
            return Ok(before);
        }
        ensure!(Instant::now() < give_up, "the device never rested");
    }
}

/// Why loop devices cannot be used here, with what to do; nothing if they can.
pub fn why_no_loop_devices() -> Option<String> {
    if !may_mount() {
        return Some("power cuts need root, for mounting: run it with sudo, or in a container with --privileged".into());
    }
    for tool in ["losetup", "mkfs.ext4", "mount", "umount", "cp"] {
        if Command::new(tool).arg("--help").output().is_err()
            && Command::new(tool).arg("-V").output().is_err()
        {
            return Some(format!("`{tool}` is missing: install util-linux, mount and e2fsprogs"));
        }
    }
    match run("losetup", &["--find"]) {
        Ok(_) => None,
        Err(fault) => Some(format!(
            "there are no loop devices here ({fault:#}): try `modprobe loop`, or another machine"
        )),
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn run(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!(
            "{program} {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
