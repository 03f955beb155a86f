import * as s3 from 'aws-cdk-lib/aws-s3';

// bad
new s3.Bucket(this, 'open', { publicReadAccess: true });
// bad
new s3.Bucket(this, 'plain', { encryption: s3.BucketEncryption.UNENCRYPTED });
// bad
group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(22));
