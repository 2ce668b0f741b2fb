import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { messageText, type DriftMessage } from '../present/drift-message.ts';

const longestSubject = 99;

/**
 * Publishes a message to a topic; region and credentials are those of the process, the region of the topic wins. The
 * client tries again by itself. Gives what is wrong where it was not taken.
 */
export async function publishToTopic(
  topicArn: string,
  message: DriftMessage,
): Promise<string | undefined> {
  const region = topicArn.split(':')[3];
  const client = new SNSClient(region === undefined || region === '' ? {} : { region });
  try {
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(message),
        Message: messageText(message),
        MessageAttributes: {
          cluster: { DataType: 'String', StringValue: message.cluster },
          verdict: { DataType: 'String', StringValue: message.verdict },
        },
      }),
    );
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.name : String(error);
    return `the topic ${topicArn} did not take the message: ${reason}`;
  } finally {
    client.destroy();
  }
}

/** Printable ASCII without line breaks, below 100 characters. Source: SNS API reference, Publish. */
function subjectOf({ headline }: DriftMessage): string {
  return `meshgate: ${headline}`.replaceAll(/[^\u0020-\u007E]/gu, '?').slice(0, longestSubject);
}
