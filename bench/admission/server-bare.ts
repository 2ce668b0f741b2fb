import { fixedAnswer, type PlainReview } from './fixed-answer.ts';
import { servePlainly } from './serve-as.ts';

// The floor: nothing but TLS, HTTP, JSON.parse and an answer.
servePlainly((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as PlainReview;
    const body = JSON.stringify(fixedAnswer(review.request.uid));
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  });
});
