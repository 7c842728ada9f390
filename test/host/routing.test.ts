import { describe, expect, test } from '@jest/globals';
import { parseRoute } from '../../host/routing.ts';
import fc from '../fastCheck.ts';

describe('route templates', () => {
  test.each<[string, string, Record<string, string> | undefined]>([
    ['api/repairs', '/api/repairs', {}],
    ['api/repairs', '/API/Repairs/', {}],
    ['api/repairs', '/api/repairs/x', undefined],
    ['api/repairs', '/api', undefined],
    ['api/repairs/{id}', '/api/repairs/r-1', { id: 'r-1' }],
    ['api/repairs/{id}', '/api/repairs/', undefined],
    ['api/repairs/{id}', '/api/repairs/a%2Fb%20c', { id: 'a/b c' }],
    ['api/repairs/{id}', '/api/repairs/%zz', undefined],
    ['api/repairs/{id?}', '/api/repairs', {}],
    ['api/repairs/{id?}', '/api/repairs/7', { id: '7' }],
    ['api/repairs/{id}/report', '/api/repairs/r/report', { id: 'r' }],
    ['api/repairs/{id}/report.{ext}', '/api/repairs/r/report.html', { id: 'r', ext: 'html' }],
    ['api/repairs/{id}/report.{ext}', '/api/repairs/r/report', undefined],
    ['api/repairs/{id}/report.{ext}', '/api/repairs/r/report.', undefined],
    ['api/repairs/{id}/report.{ext?}', '/api/repairs/r/report', { id: 'r' }],
    ['api/repairs/{id}/report.{ext?}', '/api/repairs/r/report.md', { id: 'r', ext: 'md' }],
    ['api/{id:int}', '/api/12', { id: '12' }],
    ['api/{id:int}', '/api/x', undefined],
    ['api/{id:int:min(5)}', '/api/4', undefined],
    ['api/{id:int:min(5)}', '/api/5', { id: '5' }],
    ['api/{id:guid}', '/api/3f2504e0-4f89-11d3-9a0c-0305e82c3301', { id: '3f2504e0-4f89-11d3-9a0c-0305e82c3301' }],
    ['api/{id:guid}', '/api/r-1', undefined],
    ['api/{id:regex(^r-[[a-z2-7]]{{12}}$)}', '/api/r-1', undefined],
    ['api/{name:alpha:length(2,4)}', '/api/abc', { name: 'abc' }],
    ['api/{name:alpha:length(2,4)}', '/api/abcde', undefined],
    ['api/{kind=all}', '/api', { kind: 'all' }],
    ['files/{*path}', '/files/a/b.txt', { path: 'a/b.txt' }],
    ['files/{*path}', '/files', {}],
    ['', '/', {}],
  ])('%s on %s', (template, path, values) => {
    expect(parseRoute(template).match(path)).toEqual(values);
  });

  test('a regex constraint counts', () => {
    const route = parseRoute('api/{id:regex(^r-\\d{{3}}$)}');
    expect(route.match('/api/r-123')).toEqual({ id: 'r-123' });
    expect(route.match('/api/r-12')).toBeUndefined();
  });

  test.each(['api/{id:nonsense}', 'api/{}', 'api/{id', 'api/id}'])('%s is refused by name', template => {
    expect(() => parseRoute(template)).toThrow(`route '${template}'`);
  });

  test('whatever stands in a parameter comes out as it was put in', () => {
    const route = parseRoute('api/{a}/of/{b}');
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'grapheme' }), (a, b) => {
        expect(route.match(`/api/${encodeURIComponent(a)}/of/${encodeURIComponent(b)}`)).toEqual({ a, b });
      }),
    );
  });
});
