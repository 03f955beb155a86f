const image = /^https:\/\/res.images.com\/.*\/(?<id>.*)$/;
