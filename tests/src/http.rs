//! As much of HTTP/1.1 as the CLIs and `gh` need.

use std::fmt::Write as _;
use std::io::{BufRead, Write};

#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// As it was sent: to a proxy a whole address.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(is, _)| is == name).map_or("", |(_, value)| value)
    }
}

/// One request; `None` when there is none any more.
pub(crate) fn read(reader: &mut impl BufRead) -> Option<Received> {
    let first = line(reader)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    let mut length = 0;
    let mut chunked = false;
    loop {
        let header = line(reader)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
        match name.as_str() {
            "content-length" => length = value.parse().ok()?,
            "transfer-encoding" => chunked = value.contains("chunked"),
            _ => {}
        }
        headers.push((name, value));
    }
    let mut body = Vec::new();
    while chunked {
        let size = usize::from_str_radix(line(reader)?.trim(), 16).ok()?;
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..]).ok()?;
        line(reader)?;
        chunked = size > 0;
    }
    if length > 0 {
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
    }
    Some(Received { method, path, headers, body })
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
}

/// A whole answer.
pub(crate) fn write(
    mut out: impl Write,
    status: u16,
    headers: &[(String, String)],
    kind: &str,
    body: &[u8],
) -> std::io::Result<()> {
    let mut head =
        format!("HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    out.write_all(head.as_bytes())?;
    out.write_all(body)
}

/// An answer of server-sent events; it ends with the connection.
pub(crate) fn stream(mut out: impl Write, events: &[String]) -> std::io::Result<()> {
    out.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")?;
    for event in events {
        out.write_all(event.as_bytes())?;
        out.write_all(b"\n\n")?;
        out.flush()?;
    }
    Ok(())
}
