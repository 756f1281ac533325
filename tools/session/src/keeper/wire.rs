//! How builder, keeper and wardens talk: packets over sockets, and signals as
//! something to read.

use std::ffi::OsStr;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{read, retry_on_intr};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recv, recvmsg, send, sendmsg,
    socketpair,
};

use super::Word;

/// More than any request or word: the kernel's own bound for a packet is about
/// 200 KiB.
const PACKET: usize = 256 << 10;

/// Two ends of a socket that keeps packets apart.
pub fn sockets() -> io::Result<(OwnedFd, OwnedFd)> {
    let (kind, flags) = (SocketType::SEQPACKET, SocketFlags::CLOEXEC);
    Ok(socketpair(AddressFamily::UNIX, kind, flags, None)?)
}

/// What is to be kept: a folder that is removed at the end, and a program, with
/// its arguments, its folder, and what its environment has more or less than the
/// keeper's.
pub struct Request {
    pub folder: Option<PathBuf>,
    pub program: Option<Command>,
}

impl Request {
    /// Words with a NUL after each, as the kernel has them: the folder, the
    /// program's folder, `NAME=value` or `NAME`, nothing, the program, its arguments.
    fn packet(&self) -> io::Result<Vec<u8>> {
        let path = |path: Option<&Path>| {
            let path = path.map_or(OsStr::new(""), Path::as_os_str);
            path.as_bytes().to_vec()
        };
        let mut words = vec![path(self.folder.as_deref())];
        if let Some(program) = &self.program {
            words.push(path(program.get_current_dir()));
            words.extend(program.get_envs().map(|(name, value)| match value {
                Some(value) => [name.as_bytes(), value.as_bytes()].join(&b'='),
                None => name.as_bytes().to_vec(),
            }));
            words.push(Vec::new());
            words.push(program.get_program().as_bytes().to_vec());
            words.extend(program.get_args().map(|word| word.as_bytes().to_vec()));
        }
        // What a `Command` has in the place of a word that it cannot hand on.
        if words.iter().any(|word| word.ends_with(b"<string-with-nul>")) {
            return Err(io::Error::other("a word of the command holds a NUL"));
        }
        Ok(words.join(&0))
    }

    fn of(packet: &[u8]) -> Self {
        let mut words = packet.split(|byte| *byte == 0).map(OsStr::from_bytes);
        let mut path = || words.next().filter(|word| !word.is_empty());
        let folder = path().map(PathBuf::from);
        let working = path();
        let environment: Vec<&OsStr> = words.by_ref().take_while(|word| !word.is_empty()).collect();
        let program = words.next().map(|program| {
            let mut command = Command::new(program);
            command.args(words);
            if let Some(folder) = working {
                command.current_dir(folder);
            }
            for word in environment {
                let mut halves = word.as_bytes().splitn(2, |byte| *byte == b'=');
                let name = OsStr::from_bytes(halves.next().unwrap_or_default());
                match halves.next() {
                    Some(value) => command.env(name, OsStr::from_bytes(value)),
                    None => command.env_remove(name),
                };
            }
            command
        });
        Self { folder, program }
    }

    /// Sends it, with descriptors.
    pub fn send(&self, to: impl AsFd, with: &[BorrowedFd]) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(with));
        let packet = self.packet()?;
        sendmsg(
            to,
            &[IoSlice::new(&packet)],
            &mut control,
            SendFlags::NOSIGNAL,
        )?;
        Ok(())
    }

    /// Receives one; `None` when the other end is closed.
    pub fn receive(from: impl AsFd) -> io::Result<Option<(Self, Vec<OwnedFd>)>> {
        let mut packet = vec![0; PACKET];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut into = [IoSliceMut::new(&mut packet)];
        let length = recvmsg(from, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
        let mut with = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                with.extend(descriptors);
            }
        }
        // A request comes with a descriptor at least.
        Ok((!with.is_empty()).then(|| (Self::of(&packet[..length]), with)))
    }
}

/// Sends a word. A builder that is gone need not be told.
pub fn say(to: impl AsFd, word: &Word) {
    if let Ok(text) = serde_json::to_vec(word) {
        let _ = send(to, &text, SendFlags::NOSIGNAL);
    }
}

/// The next word; `None` when nobody can say one any more.
pub fn hear(from: impl AsFd) -> Option<Word> {
    let mut packet = [0; 4096];
    let (length, _) = retry_on_intr(|| recv(&from, &mut packet[..], RecvFlags::empty())).ok()?;
    serde_json::from_slice(&packet[..length]).ok()
}

/// What a keeper or a warden waits for.
pub enum Happening {
    /// A child ended, or a process that was handed to this subreaper.
    ChildEnded,
    /// The socket has something to read, or was closed.
    Heard,
    /// It is asked to end, by a signal.
    Dismissed,
    /// Nothing, for so long.
    Nothing,
}

/// The signals that a keeper waits for, as a descriptor; they interrupt nothing.
pub struct Signals(OwnedFd);

impl Signals {
    pub fn take() -> io::Result<Self> {
        let mut set = MaybeUninit::uninit();
        // SAFETY: sigemptyset(3) makes the set, and the others change and read it;
        // the descriptor is new, and nobody else's.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            for signal in [libc::SIGCHLD, libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
                libc::sigaddset(set.as_mut_ptr(), signal);
            }
            libc::sigprocmask(libc::SIG_BLOCK, set.as_ptr(), ptr::null_mut());
            match libc::signalfd(-1, set.as_ptr(), libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) {
                -1 => Err(io::Error::last_os_error()),
                descriptor => Ok(Self(OwnedFd::from_raw_fd(descriptor))),
            }
        }
    }

    /// Waits for one of them, or for the socket.
    pub fn or(&self, socket: impl AsFd, limit: Option<Duration>) -> io::Result<Happening> {
        let [signalled, heard] = readable([Some(self.0.as_fd()), Some(socket.as_fd())], limit)?;
        // The number comes first in a signalfd_siginfo.
        let mut signal = [[0; 4]; size_of::<libc::signalfd_siginfo>() / 4];
        if signalled {
            read(&self.0, signal.as_flattened_mut())?;
        }
        Ok(match i32::from_ne_bytes(signal[0]) {
            libc::SIGCHLD => Happening::ChildEnded,
            0 if heard => Happening::Heard,
            0 => Happening::Nothing,
            _ => Happening::Dismissed,
        })
    }
}

/// Which of these can be read from, or are closed at their other end; none of
/// them when the time is over.
pub fn readable<const N: usize>(
    sources: [Option<BorrowedFd>; N],
    limit: Option<Duration>,
) -> io::Result<[bool; N]> {
    let there = sources.iter().flatten();
    let mut polled: Vec<_> = there
        .map(|source| PollFd::from_borrowed_fd(*source, PollFlags::IN))
        .collect();
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    retry_on_intr(|| poll(&mut polled, limit.as_ref()))?;
    let mut polled = polled.iter();
    Ok(sources.map(|source| {
        let polled = source.and_then(|_| polled.next());
        polled.is_some_and(|polled| !polled.revents().is_empty())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_arrives_as_it_was_sent() {
        let (ours, theirs) = sockets().expect("sockets");
        let mut program = Command::new("/bin/ls");
        program
            .args(["", "a b", "=", "\u{e9}\n"])
            .current_dir("/tmp");
        program
            .env("HOLDS", "a=b")
            .env("EMPTY", "")
            .env_remove("GONE");
        let request = Request {
            folder: Some("/tmp/session-x".into()),
            program: Some(program),
        };
        request.send(&ours, &[ours.as_fd()]).expect("sent");
        let (arrived, with) = Request::receive(&theirs).expect("read").expect("a request");
        assert_eq!(with.len(), 1);
        assert_eq!(arrived.folder, request.folder);
        let (arrived, sent) = (arrived.program.expect("it"), request.program.expect("it"));
        assert_eq!(format!("{arrived:?}"), format!("{sent:?}"));
        assert!(arrived.get_envs().eq(sent.get_envs()));
        assert_eq!(arrived.get_current_dir(), sent.get_current_dir());

        let program = Some(Command::new("a\0b"));
        let cut = Request {
            folder: None,
            program,
        };
        assert!(cut.send(&ours, &[ours.as_fd()]).is_err());
        drop((ours, with));
        assert!(Request::receive(&theirs).expect("read").is_none());
    }
}
