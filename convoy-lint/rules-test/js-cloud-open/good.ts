import * as s3 from 'aws-cdk-lib/aws-s3';

new s3.Bucket(this, 'fine', { encryption: s3.BucketEncryption.S3_MANAGED });
group.addIngressRule(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(22));
group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443));
