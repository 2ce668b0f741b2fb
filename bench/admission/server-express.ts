import express from 'express';
import { fixedAnswer, type PlainReview } from './fixed-answer.ts';
import { servePlainly } from './serve-as.ts';

// What most webhooks in Node are: Express with its body parser.
const app = express();
app.use(express.json({ limit: '7mb' }));
app.post(['/mutate', '/validate'], (request, response) => {
  const review = request.body as PlainReview;
  response.json(fixedAnswer(review.request.uid));
});
servePlainly((request, response) => {
  app(request, response);
});
