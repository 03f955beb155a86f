res.cookie("sid", id, { httpOnly: true, secure: true });
connect({ secure: false });
